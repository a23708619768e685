/** Reads maps: the list, the numbers, and what runs for each item. */
import type { Json } from '../std/index.ts';
import { DYNAMIC, isRecord, type ValueType } from './expression-types.ts';
import { itemSchema, LATER_STEP_FIELDS, type MapFields, mapSchema, type StepFields } from './fields.ts';
import type { MapPlan, MapStrategy, Work } from './graph.ts';
import type { DocumentPath, ProblemList } from './problem.ts';
import { OF_ATTEMPTS, readTemplate, readWork, type WorkSetting } from './read-work.ts';
import { readFields } from './report-issues.ts';
import { expressionOf } from './template.ts';

/** A map itself has no attempts, and no time of its own unless it finalizes: its items have. */
const OF_THE_ITEMS = [...OF_ATTEMPTS, 'queue', 'dispatch'] as const;

/** What only a step of the graph has. */
const OF_THE_MAP = ['save', 'join', 'finalize'];

/** Kinds that say how a graph goes on, which an item cannot. */
const NOT_FOR_ITEMS: ReadonlySet<string> = new Set(['map', 'condition', 'join', 'parallel']);

/** Undefined where nothing says what runs for an item. */
export function readMap(fields: StepFields, setting: WorkSetting): MapPlan | undefined {
  const { problems, path } = setting;
  for (const name of OF_THE_ITEMS)
    if (fields[name] !== undefined && !(name === 'deadline' && fields.finalize !== undefined))
      refuse(
        [...path, name],
        `a map has no attempts of its own: write \`${name}\` in its \`step\``,
        problems,
      );
  const given = (fields.with ?? {}) as Readonly<Record<string, Json>>;
  const at = [...path, 'with'];
  const read: MapFields = readFields(given, { schema: mapSchema, path: at }, problems) ?? {};
  checkNumbers(read, at, problems);
  const { items, step, key } = given;
  const before = setting.beforeItem(itemTypeOf(items, { ...setting, path: at }));
  if (!isRecord(step)) return undefined;
  return {
    strategy: strategyOf(read),
    item: readItem(step, { ...setting, before, path: [...at, 'step'] }),
    key: key === undefined ? undefined : readTemplate(key, { before, problems, path: [...at, 'key'] }),
    readsSteps: JSON.stringify([step, key]).includes('steps'),
  };
}

function refuse(path: DocumentPath, problem: string, problems: ProblemList): void {
  problems.add('FIELD_INVALID', { path, params: { problem } });
}

/** A number alone is meant as the strategy of that name. */
function strategyOf({ strategy, minSuccess }: MapFields): MapStrategy {
  return strategy ?? (minSuccess === undefined ? 'all' : 'minSuccess');
}

function checkNumbers(fields: MapFields, path: DocumentPath, problems: ProblemList): void {
  const { items, minSuccess } = fields;
  const strategy = strategyOf(fields);
  const at = [...path, 'minSuccess'];
  const takesNumber = strategy === 'quorum' || strategy === 'minSuccess';
  if (strategy === 'minSuccess' && minSuccess === undefined)
    refuse([...path, 'strategy'], 'minSuccess needs the field `minSuccess`', problems);
  if (minSuccess === undefined) return;
  if (!takesNumber) refuse(at, `means nothing with the strategy ${strategy}`, problems);
  if (strategy === 'quorum' && minSuccess === 0) refuse(at, 'a quorum is at least 1', problems);
  if (Array.isArray(items) && typeof minSuccess === 'number' && minSuccess > items.length)
    refuse(at, `there are only ${items.length} items`, problems);
}

/** What is known of an item before there is a list. */
function itemTypeOf(items: Json | undefined, { before, path, problems }: WorkSetting): ValueType {
  const source = typeof items === 'string' ? expressionOf(items) : undefined;
  const compiled = source === undefined ? undefined : before.compile(source);
  if (!compiled?.ok || compiled.type === 'dyn') return DYNAMIC; // what is wrong with it is said where it is read
  const inner = /^list(?:<(?<item>\w+))?/.exec(compiled.type);
  if (!inner)
    refuse(
      [...path, 'items'],
      `it gives ${compiled.type.replace(/^\$.*/, 'an object')}, not a list`,
      problems,
    );
  return ITEM_TYPES[inner?.groups?.item ?? ''] ?? DYNAMIC;
}

/** Numbers of JSON are doubles, whatever the list was written as. */
const ITEM_TYPES: Readonly<Record<string, ValueType>> = {
  string: 'string',
  bool: 'bool',
  double: 'double',
  int: 'double',
  list: 'list',
  map: 'map',
};

function readItem(given: Readonly<Record<string, Json>>, setting: WorkSetting): Work {
  const { path, problems } = setting;
  const raw: Record<string, Json> = { ...given };
  for (const name of OF_THE_MAP) {
    if (raw[name] === undefined) continue;
    refuse([...path, name], `an item has none: \`${name}\` belongs to the map`, problems);
    delete raw[name];
  }
  const fields = readFields(raw, { schema: itemSchema, path, later: LATER_STEP_FIELDS }, problems) ?? {
    kind: typeof raw.kind === 'string' ? raw.kind : '',
  };
  if (NOT_FOR_ITEMS.has(fields.kind))
    refuse(
      [...path, 'kind'],
      `"${fields.kind}" cannot run for an item; a workflow of its own can hold one`,
      problems,
    );
  return readWork(fields, setting);
}
