/** The first state of a run that begins with the keys of its input: an input that cannot be that is refused at the start. */
import { jsonSchemaOf, type Misfit, type Schema } from '../std/index.ts';
import { isRecord } from './expression-types.ts';
import type { MergeRule } from './fields.ts';
import type { GraphState, StateKey } from './graph.ts';

/** The schema of a start: that of the input, and what the state asks of it besides. */
export function withFirstState(input: Schema | undefined, state: GraphState): Schema | undefined {
  if (!state.startsFromInput) return input;
  const validate = (given: unknown): ReturnType<Schema['~standard']['validate']> => {
    const result = input?.['~standard'].validate(given) ?? { value: given };
    if ('then' in result || result.issues) return result;
    const issues = misfitsOf(result.value, state);
    return issues.length === 0 ? result : { issues };
  };
  const source = (): unknown => jsonSchemaOf(input) ?? { type: ['object', 'null'] };
  const jsonSchema = { input: source, output: source };
  return { '~standard': { version: 1, vendor: 'pawl', validate, jsonSchema } as Schema['~standard'] };
}

function misfitsOf(input: unknown, { keys }: GraphState): readonly Misfit[] {
  if (input === undefined || input === null) return []; // a start without an input brings no keys
  if (!isRecord(input)) return [{ path: [], message: 'must be object: its keys are the first state' }];
  return [...(keys ?? [])].flatMap(([key, declared]) =>
    Object.hasOwn(input, key) ? misfitsAt(key, input[key], declared) : [],
  );
}

function misfitsAt(key: string, value: unknown, { merge, schema }: StateKey): readonly Misfit[] {
  const { [merge]: rule } = RULES;
  if (rule !== undefined && !rule.fits(value)) return [{ path: [key], message: rule.message }];
  const misfits = schema?.misfitsOf(value) ?? [];
  return misfits.map(({ path, message }) => ({ path: [key, ...path], message }));
}

/** What the values of a rule must be, so that something can be merged into them. */
const RULES: Readonly<
  Partial<Record<MergeRule, { readonly message: string; fits(value: unknown): boolean }>>
> = {
  append: { message: 'must be array: the state appends to it', fits: Array.isArray },
  merge: { message: 'must be object: the state merges into it', fits: isObject },
  max: {
    message: 'must be number: the state compares it',
    fits: (value) => value === null || isNumber(value),
  },
  sum: { message: 'must be number: the state adds to it', fits: isNumber },
};

function isNumber(value: unknown): boolean {
  return typeof value === 'number';
}

function isObject(value: unknown): boolean {
  return isRecord(value);
}
