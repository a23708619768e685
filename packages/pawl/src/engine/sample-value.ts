/** A value that fits a JSON Schema, for a hint: what a person changes, and what is accepted as it stands where that can be told. */
import type { Json } from '../std/index.ts';

const TEXT = 'TEXT';
const MAX_DEPTH = 6;

type Fields = Readonly<Record<string, unknown>>;

/** Small, plain, and with every required field; `"TEXT"` where anything will do. */
export function sampleOf(schema: unknown, depth = 0): Json {
  if (!isFields(schema) || depth > MAX_DEPTH) return TEXT;
  const given = [schema['const'], schema['default'], first(schema['examples']), first(schema['enum'])];
  const known = given.find((value) => value !== undefined);
  if (known !== undefined) return known as Json;
  const part = first(schema['anyOf']) ?? first(schema['oneOf']) ?? first(schema['allOf']);
  if (part !== undefined) return sampleOf({ ...schema, ...partsAside, ...(part as Fields) }, depth + 1);
  return ofType(typeIn(schema), schema, depth);
}

const partsAside = { anyOf: undefined, oneOf: undefined, allOf: undefined };

function ofType(type: unknown, schema: Fields, depth: number): Json {
  switch (type) {
    case 'object':
      return objectOf(schema, depth);
    case 'array':
      return listOf(schema, depth);
    case 'number':
    case 'integer':
      return numberIn(schema);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return textIn(schema);
  }
}

function typeIn({ type, properties, items }: Fields): unknown {
  if (Array.isArray(type)) return type.find((one) => one !== 'null') ?? 'null';
  if (type !== undefined) return type;
  if (properties !== undefined) return 'object';
  return items === undefined ? undefined : 'array';
}

/** Fields that may be left out are shown only where none is required. */
function objectOf({ properties, required }: Fields, depth: number): Json {
  const fields = isFields(properties) ? properties : {};
  const needed = Array.isArray(required) ? (required as string[]) : [];
  const names = needed.length > 0 ? needed : Object.keys(fields);
  return Object.fromEntries(names.map((name) => [name, sampleOf(fields[name], depth + 1)]));
}

function listOf({ items, minItems }: Fields, depth: number): Json {
  const count = typeof minItems === 'number' ? Math.min(minItems, 10) : 1;
  return Array.from({ length: count }, () => sampleOf(items, depth + 1));
}

function numberIn({ minimum, exclusiveMinimum, maximum, exclusiveMaximum, multipleOf }: Fields): number {
  const least = bound(minimum, 0) ?? bound(exclusiveMinimum, 1);
  const most = bound(maximum, 0) ?? bound(exclusiveMaximum, -1);
  const number = Math.min(Math.max(1, least ?? 1), most ?? Number.MAX_SAFE_INTEGER);
  return typeof multipleOf === 'number' && multipleOf > 0
    ? Math.ceil(number / multipleOf) * multipleOf
    : number;
}

/** Libraries write the range of whole numbers down, which says nothing. */
function bound(value: unknown, apart: number): number | undefined {
  const isSaid = typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER;
  return isSaid ? value + apart : undefined;
}

const FORMATS: Readonly<Record<string, string>> = {
  date: '2026-01-31',
  'date-time': '2026-01-31T12:00:00Z',
  email: 'name@example.com',
  uri: 'https://example.com',
  uuid: '00000000-0000-4000-8000-000000000000',
};

function textIn({ format, minLength, maxLength }: Fields): string {
  const text = FORMATS[String(format)] ?? TEXT;
  if (typeof minLength === 'number' && minLength > text.length && minLength <= 100)
    return text.padEnd(minLength, '.');
  return typeof maxLength === 'number' ? text.slice(0, maxLength) : text;
}

function first(list: unknown): unknown {
  return Array.isArray(list) ? (list as unknown[])[0] : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
