/** Nodes that route, gather, and ask somebody above. */
import { literalOf } from '../data-path.ts';
import type { Json } from '../../std/index.ts';
import { type Fields, type Part } from '../part.ts';
import {
  type Branch,
  failures,
  type HarnNode,
  type HarnStep,
  literalText,
  stepRef,
  stepTarget,
} from './node.ts';
import { workOf } from './work.ts';

const OK: readonly Branch[] = [{ on: ['ok'] }];

export function forkStep(node: HarnNode): HarnStep {
  ignoreWork(node);
  return { step: { kind: 'parallel' }, branches: { fork: OK }, good: ['ok'] };
}

/** How many of its edges a join waits for. */
export function joinStep(node: HarnNode): HarnStep {
  ignoreWork(node);
  const policy = node.part.at('join_policy');
  const strategy = policy.at('strategy');
  const target = stepTarget(node, 'join');
  const name = strategy.text() ?? 'all';
  const all = policy.at('require_all_inputs');
  const isAll = all.flag();
  if (isAll !== undefined) all.to(target, isAll ? undefined : 'off');
  const count = policy.at('min_completed').number() ?? 1;
  policy.at('min_completed').to(target);
  if (!['all', 'first', 'quorum'].includes(name))
    strategy.refuse('IMPORT_SHAPE', { problem: 'must be all, first or quorum' });
  else if (strategy.isThere) strategy.to(target);
  const join: Fields = isAll === true || name === 'all' ? {} : { join: name === 'first' ? 'any' : { count } };
  return { step: { kind: 'join', ...join }, branches: { joined: OK, join: OK }, good: ['ok'] };
}

/** Markers ask no model. */
function ignoreWork(node: HarnNode): void {
  for (const name of [
    'mode',
    'prompt',
    'system',
    'task_label',
    'done_sentinel',
    'tools',
    'exit_when_verified',
  ])
    if (node.part.at(name).value !== false) node.part.at(name).without('a marker does no work of its own');
  if (node.verify.isThere) node.verify.without('a marker gives nothing that could be verified');
}

/** Whether evidence holds a text, is of a kind, or is there at all. */
export function conditionStep(node: HarnNode): HarnStep {
  ignoreWork(node);
  const metadata = node.part.at('metadata');
  const [text, kind] = [metadata.at('contains_text').text(), metadata.at('artifact_kind').text()];
  const when =
    text === undefined
      ? kind === undefined
        ? anyCompleted(node, node.before)
        : anyCompleted(
            node,
            [...node.gives].filter(([, kinds]) => kinds.includes(kind)).map(([id]) => id),
          )
      : anyHolds(node, text);
  node.part.report.note(
    'asked of the outputs of steps, as far as they have ended',
    stepTarget(node, 'with.branches'),
  );
  return {
    step: { kind: 'condition', with: { branches: [{ name: 'true', when }], default: 'false' } },
    branches: { true: [{ on: ['true'] }], false: [{ on: ['false'] }] },
    good: ['true', 'false'],
  };
}

function anyCompleted(node: HarnNode, ids: readonly string[]): string {
  const others = ids.filter((id) => id !== node.id);
  return others.length === 0
    ? 'false'
    : others.map((id) => `${stepRef(id)}.status == "completed"`).join(' || ');
}

/** A step's output is a text, or has one as a field. */
function anyHolds(node: HarnNode, text: string): string {
  const needle = literalOf(text);
  const asked = node.before.flatMap((id) => {
    const output = `${stepRef(id)}.output`;
    const fields = ['text', 'stdout'].map(
      (field) =>
        `has(${output}.${field}) && type(${output}.${field}) == string && ${output}.${field}.contains(${needle})`,
    );
    return [`type(${output}) == string && ${output}.contains(${needle})`, ...fields];
  });
  return asked.length === 0 ? 'false' : asked.join(' || ');
}

/** One step an item: a model or an agent that gets it. */
export function mapStep(node: HarnNode): HarnStep {
  const { part } = node;
  const works = ['mode', 'prompt', 'system', 'tools', 'model_policy'].some((name) => isSaid(part.at(name)));
  if (!works) {
    part.report.note('nothing runs for its items, so that it is a marker', stepTarget(node, 'kind'));
    part.at('map_policy').at('items').without('nothing runs for the items');
    return { step: { kind: 'join' }, branches: { mapped: OK, failed: undefined }, good: ['ok'] };
  }
  const mode = part.at('mode');
  const name = mode.text() ?? 'agent';
  if (name !== 'agent' && name !== 'llm')
    mode.refuse('IMPORT_KIND_UNKNOWN', { kind: name }, { name, known: ['agent', 'llm'] });
  else if (mode.isThere) mode.to(stepTarget(node, 'with.step.kind'));
  const kind = mode.value === 'llm' || (!mode.isThere && !isSaid(part.at('tools'))) ? 'model' : 'agent';
  return {
    step: {
      kind: 'map',
      with: {
        ...itemsOf(node),
        step: { kind, with: workOf(node, '\n\n{{ item }}'), retry: 'none' },
        ...amounts(node),
      },
    },
    branches: {
      mapped: [{ on: ['ok', 'partial'] }],
      failed: [{ on: ['failed'] }],
      error: [{ on: ['failed'] }],
    },
    good: ['ok', 'partial'],
  };
}

function isSaid({ value }: Part): boolean {
  if (value === undefined || value === null || value === '') return false;
  return typeof value !== 'object' || Object.values(value).some((part) => part !== null && part !== '');
}

/** The list itself, or what the steps before gave. */
function itemsOf(node: HarnNode): Fields {
  const policy = node.part.at('map_policy');
  const [list, kind, most] = [policy.at('items'), policy.at('item_artifact_kind'), policy.at('max_items')];
  const limit = most.number();
  const items = Array.isArray(list.value) ? list.value : [];
  const target = stepTarget(node, 'with.items');
  if (items.length > 0) {
    list.to(target);
    if (most.isThere) most.to(target, 'the list is as long as that at most');
    kind.without('items that are written out have no kind');
    return { items: items.slice(0, limit).map((item) => escapedItem(item)) };
  }
  const [source] = node.before;
  if (source === undefined) {
    policy.differs('it has no items, and nothing comes before it that could give some');
    return { items: [] };
  }
  if (kind.isThere) kind.nearly(target, `what "${source}" gives, which must be a list`);
  else node.part.report.note(`its items are what "${source}" gives, which must be a list`, target);
  most.without('a list that a step gives is taken as it is');
  return { items: `{{ ${stepRef(source)}.output }}` };
}

function escapedItem(item: Json): Json {
  return typeof item === 'string' ? literalText(item) : item;
}

function amounts(node: HarnNode): Fields {
  const [map, join] = [node.part.at('map_policy'), node.part.at('join_policy')];
  const where = stepTarget(node, 'with');
  const concurrency = map.at('max_concurrent').number();
  if (concurrency !== undefined) map.at('max_concurrent').to(`${where}.concurrency`);
  const kind = map.at('output_kind');
  if (kind.isThere) kind.without('what a step produces stands in its output contract');
  const strategy = join.at('strategy');
  const name = strategy.text() ?? 'all';
  if (!['all', 'first', 'quorum'].includes(name))
    strategy.refuse('IMPORT_SHAPE', { problem: 'must be all, first or quorum' });
  else if (strategy.isThere) strategy.to(`${where}.strategy`);
  const least = join.at('min_completed');
  const count = least.number() ?? 1;
  if (name === 'quorum') least.to(`${where}.minSuccess`);
  else least.without('only a quorum has a number');
  const all = join.at('require_all_inputs');
  if (all.value === false) all.to(where, 'off');
  else all.without('a map waits for its items');
  return {
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(name === 'all' ? {} : { strategy: name }),
    ...(name === 'quorum' ? { minSuccess: count } : {}),
  };
}

/** One text of those that came before. */
export function reduceStep(node: HarnNode): HarnStep {
  const policy = node.part.at('reduce_policy');
  const [strategy, separator] = [policy.at('strategy'), policy.at('separator')];
  const name = strategy.text() ?? 'concat';
  if (name === 'concat') {
    if (strategy.isThere) strategy.to(stepTarget(node, 'with.strategy'));
  } else strategy.refuse('IMPORT_SHAPE', { problem: 'must be concat' });
  const between = separator.text();
  if (between !== undefined) separator.to(stepTarget(node, 'with.separator'));
  if (policy.at('output_kind').isThere)
    policy.at('output_kind').without('what a step produces stands in its output contract');
  node.part.report.note('of the outputs of the steps that lead to it', stepTarget(node, 'with.items'));
  ignoreWork(node);
  return {
    step: {
      kind: 'reduce',
      with: {
        items: node.before.map((id) => `{{ ${stepRef(id)}.output }}`),
        strategy: 'concat',
        separator: literalText(between ?? '\n\n'),
      },
    },
    branches: { reduced: OK, ...failures(node.id) },
    good: ['ok'],
  };
}

/** It really waits for whom it names. */
export function escalateStep(node: HarnNode): HarnStep {
  const policy = node.part.at('escalation_policy');
  const [queue, level, reason] = ['queue', 'level', 'reason'].map((name) => policy.at(name)) as [
    Part,
    Part,
    Part,
  ];
  const to = queue.text() ?? level.text() ?? 'operator';
  if (queue.isThere) queue.to(stepTarget(node, 'with.to'));
  if (level.isThere) level.to(stepTarget(node, queue.isThere ? 'with.args.level' : 'with.to'));
  const text = reason.text();
  if (text !== undefined) reason.to(stepTarget(node, 'with.message'));
  node.part.report.note(
    'it waits for an answer here, and only goes on when it is resolved',
    stepTarget(node, 'kind'),
  );
  ignoreWork(node);
  return {
    step: {
      kind: 'escalate',
      with: {
        to: `human:${to}`,
        message: literalText(text ?? 'manual review required'),
        ...(queue.isThere && level.isThere ? { args: { level: level.value as Json } } : {}),
      },
    },
    branches: { escalated: [{ on: ['resolved'] }], error: [{ on: ['failed'] }] },
    good: ['resolved'],
  };
}
