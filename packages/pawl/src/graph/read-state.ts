/** Reads the state that a graph declares: the rule, the first value and the schema of each key, and what the input may bring. */
import { canonicalJson, type Json, type ValueSchema } from '../std/index.ts';
import { isRecord } from './expression-types.ts';
import type { MergeRule, TopFields } from './fields.ts';
import type { GraphState, StateKey, StateSchema } from './graph.ts';
import type { DocumentPath, ProblemList } from './problem.ts';
import { readSchema, type SchemaSetting } from './schema.ts';

const FIRST_VALUES: Readonly<Partial<Record<MergeRule, Json>>> = { append: [], merge: {}, sum: 0 };

/** The types of JSON Schema that values of a rule have. */
const TYPES: Readonly<Record<MergeRule, readonly string[]>> = {
  replace: [],
  append: ['array'],
  merge: ['object'],
  max: ['number', 'integer'],
  sum: ['number', 'integer'],
};

export function readState(
  { state, stateFrom }: Pick<TopFields, 'state' | 'stateFrom'>,
  input: Json | undefined,
  setting: SchemaSetting,
): GraphState {
  const startsFromInput = stateFrom === 'input';
  if (startsFromInput && !mayBeObject(input))
    refuse(
      ['stateFrom'],
      'the schema of the input takes no object, and so has no keys to begin with',
      setting,
    );
  const keys = Object.entries(state ?? {}).map(([key, declared]): [string, StateKey] => [
    key,
    readKey(declared as Readonly<Record<string, Json>>, ['state', key], setting),
  ]);
  return { keys: state && new Map(keys), startsFromInput };
}

function readKey(
  declared: Readonly<Record<string, Json>>,
  path: DocumentPath,
  setting: SchemaSetting,
): StateKey {
  const { merge: rule, default: given, ...source } = declared;
  const merge = (rule ?? 'replace') as MergeRule;
  const implied = FIRST_VALUES[merge];
  const schema = Object.keys(source).length === 0 ? undefined : readSchema(source, path, setting);
  checkTypes(source.type, { merge, path }, setting);
  if (given !== undefined) checkDefault(given, { merge, implied, schema, path }, setting);
  return { merge, first: implied ?? given ?? null, schema: schema && schemaFor(merge, schema) };
}

interface DefaultRules {
  readonly merge: MergeRule;
  readonly implied: Json | undefined;
  readonly schema: ValueSchema | undefined;
  readonly path: DocumentPath;
}

function checkDefault(
  given: Json,
  { merge, implied, schema, path }: DefaultRules,
  setting: SchemaSetting,
): void {
  const at = [...path, 'default'];
  const misfit = schema?.problemOf(given);
  if (implied !== undefined && canonicalJson(implied) !== canonicalJson(given))
    refuse(at, `means nothing with merge: ${merge}, whose first value is ${canonicalJson(implied)}`, setting);
  else if (merge === 'max' && typeof given !== 'number')
    refuse(at, 'must be a number, for merge: max compares numbers', setting);
  else if (misfit !== undefined) refuse(at, `does not fit its own schema: ${misfit}`, setting);
}

/** The schema is of the value of the key, and not of what is merged into it. */
function checkTypes(
  type: Json | undefined,
  { merge, path }: Pick<DefaultRules, 'merge' | 'path'>,
  setting: SchemaSetting,
): void {
  const wanted = TYPES[merge];
  const types = [type ?? []].flat();
  if (types.length === 0 || wanted.length === 0 || types.some((one) => wanted.includes(one as string)))
    return;
  const problem = `must be ${wanted.join(' or ')} with merge: ${merge}, for the schema is of the whole value of the key`;
  refuse([...path, 'type'], problem, setting);
}

function refuse(path: DocumentPath, problem: string, { problems }: { readonly problems: ProblemList }): void {
  problems.add('FIELD_INVALID', { path, params: { problem } });
}

const NOTES = [
  '$schema $id $anchor $defs $comment title description examples deprecated readOnly writeOnly format type',
].flatMap((names) => names.split(' '));

/** Keywords that ask the same of what is added as of the whole: what is there has been asked already. */
const BY_PART: Readonly<Partial<Record<MergeRule, readonly string[]>>> = {
  append: [...NOTES, 'items'],
  merge: [...NOTES, 'properties', 'patternProperties', 'additionalProperties', 'propertyNames'],
};

function schemaFor(merge: MergeRule, schema: ValueSchema): StateSchema {
  const keywords = Object.keys(schema.source as object);
  const { [merge]: byPart } = BY_PART;
  return { ...schema, isByPart: byPart !== undefined && keywords.every((one) => byPart.includes(one)) };
}

/** As far as the schema says so without being asked about a value. */
function mayBeObject(input: Json | undefined): boolean {
  if (!isRecord(input)) return input !== false;
  const { type, const: only, enum: several } = input;
  const isAllowed = type === undefined || [type].flat().includes('object');
  const values = Array.isArray(several) ? several : [];
  return (
    isAllowed && (only === undefined || isRecord(only)) && (values.length === 0 || values.some(isRecord))
  );
}
