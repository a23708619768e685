/** The state schema of JamJet: a JSON Schema, fields with types of Python, or a reference into code. */
import type { Json } from '../../std/index.ts';
import { type Fields, isFields, type Part } from '../part.ts';
import { isSchema, parsed } from './saving.ts';

/** For the report. */
export const INPUT_IS_STATE =
  'the input of a run is its first state, and its last state is its output, as there';

export interface StateReading {
  /** `state`, `input` and what else the top gets. */
  readonly top: Fields;
  /** Keys that are declared; undefined: none, and any may be saved. */
  readonly declared: ReadonlySet<string> | undefined;
}

/** `more`: keys that nodes speak of, and the schema does not declare. */
export function readState(part: Part, more: ReadonlySet<string>): StateReading {
  const { value } = part;
  const schema = typeof value === 'string' ? parsed(value) : value;
  if (isSchema(schema) && isFields(schema['properties'])) return fromSchema(part, schema, more);
  if (
    isFields(schema) &&
    Object.keys(schema).length > 0 &&
    Object.values(schema).every((type) => typeof type === 'string')
  )
    return fromTypes(part, schema as { [key: string]: string }, more);
  if (!part.isThere || (isFields(schema) && Object.keys(schema).length === 0))
    return { top: {}, declared: undefined };
  part.nearly(
    'metadata.stateSchema',
    'a reference that nothing here can look up: kept as a note, and any key may be saved',
  );
  return { top: { metadata: { stateSchema: value as Json } }, declared: undefined };
}

function declaring(keys: Fields, more: ReadonlySet<string>): StateReading {
  const missing = [...more].filter((key) => !Object.hasOwn(keys, key)).map((key) => [key, {}] as const);
  const state: Fields = { ...keys, ...Object.fromEntries(missing) };
  return { top: { state }, declared: new Set(Object.keys(state)) };
}

/** The input is the first state: what the schema requires, it requires of the input. */
function fromSchema(part: Part, schema: Fields, more: ReadonlySet<string>): StateReading {
  const { properties, required } = schema;
  const { top, declared } = declaring(properties as Fields, more);
  part.to('state', 'the input is the first state, and so `required` is asked of it');
  if (!Array.isArray(required) || required.length === 0) return { top, declared };
  return { top: { input: { type: 'object', required, properties: properties as Json }, ...top }, declared };
}

const TYPES: Readonly<Record<string, string>> = {
  str: 'string',
  int: 'integer',
  float: 'number',
  bool: 'boolean',
  list: 'array',
  dict: 'object',
};

function fromTypes(
  part: Part,
  types: { readonly [key: string]: string },
  more: ReadonlySet<string>,
): StateReading {
  const isText = typeof part.value === 'string';
  const keys = Object.entries(types).map(([key, type]): [string, Fields] => {
    const schema = schemaOf(type);
    const inner = isText ? part : part.at(key);
    if (Object.keys(schema).length > 0) inner.to('state');
    else inner.nearly('state', 'a type that is not known here: any value');
    return [key, schema];
  });
  return declaring(Object.fromEntries(keys), more);
}

/** `list[str]` is a list of texts; what is optional may be null, and is not checked. */
function schemaOf(text: string): Fields {
  const [, outer = '', inner] = /^(\w+)(?:\[(\w+)\])?$/.exec(text.trim()) ?? [];
  const type = TYPES[outer];
  if (type === undefined) return {};
  const items = type === 'array' && inner !== undefined ? TYPES[inner] : undefined;
  return items === undefined ? { type } : { type, items: { type: items } };
}
