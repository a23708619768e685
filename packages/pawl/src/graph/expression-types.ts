/** What an expression may refer to: the types of input, state and steps, for the check before anything runs. */
import type { Json } from '../std/index.ts';

/** A type of CEL, or the fields of an object with theirs. */
export type ValueType = string | { readonly [key: string]: ValueType };

/** Anything: what nobody declared is checked when it is used. */
export const DYNAMIC: ValueType = 'dyn';

const SCALARS: Readonly<Record<string, string>> = {
  number: 'double',
  integer: 'double',
  string: 'string',
  boolean: 'bool',
};

/** The type that a JSON Schema (2020-12) promises; whatever it leaves open is dynamic. */
export function typeOfSchema(schema: Json | undefined): ValueType {
  if (!isRecord(schema)) return DYNAMIC;
  const { type, properties, items, additionalProperties } = schema;
  if (type === 'array') {
    const item = typeOfSchema(items);
    return typeof item === 'string' ? `list<${item}>` : 'list<map>';
  }
  if (type !== 'object' && properties === undefined)
    return (typeof type === 'string' ? SCALARS[type] : undefined) ?? DYNAMIC;
  if (!isRecord(properties) || (additionalProperties !== undefined && additionalProperties !== false))
    return 'map';
  return Object.fromEntries(Object.entries(properties).map(([key, inner]) => [key, typeOfSchema(inner)]));
}

export function isRecord(value: unknown): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
