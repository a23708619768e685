/** Where two recorded values differ first, apart from the ids of their runs. */
import { decodePayload, type Json, NO_VALUE, type Payload } from '../std/index.ts';

export interface ValueDifference {
  /** `$.items[2].name`; undefined where the values as a whole are different ones. */
  readonly at?: string;
  readonly a?: Json;
  readonly b?: Json;
}

export interface ComparedValue {
  readonly payload: Payload | undefined;
  /** Ids of its run, and what stands for them. */
  readonly ids: ReadonlyMap<string, string>;
}

/** Undefined where both are the same. The order of the keys of an object is no difference. */
export function valueDifference(a: ComparedValue, b: ComparedValue): ValueDifference | undefined {
  const [left, right] = [a.payload ?? NO_VALUE, b.payload ?? NO_VALUE];
  if (left === right) return undefined;
  const [own, other] = [withoutIds(left, a.ids), withoutIds(right, b.ids)];
  if (own === other) return undefined;
  const found = differenceOf(decodePayload(own), decodePayload(other), '$');
  return found && sides(found);
}

/** An escape of JSON, or what an id may be a part of. */
const WORD = /\\(?:u[0-9a-f]{4}|.)|[\w.-]+/g;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** A JSON text in which other words stand for the ids of its run; it stays one. Of longer words only UUIDs are looked for. */
function withoutIds(text: Payload, ids: ReadonlyMap<string, string>): Payload {
  return text.replace(WORD, (word) => {
    if (word.startsWith('\\')) return word;
    const bare = word.replace(/\.+$/, ''); // the end of a sentence
    const known = ids.get(bare);
    if (known !== undefined) return known + word.slice(bare.length);
    return word.replace(UUID, (id) => ids.get(id) ?? id);
  });
}

interface Found {
  readonly at: string;
  readonly a: Json | undefined;
  readonly b: Json | undefined;
}

function differenceOf(a: Json | undefined, b: Json | undefined, at: string): Found | undefined {
  if (a === b) return undefined;
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let index = 0; index < Math.max(a.length, b.length); index++) {
      const found = differenceOf(a[index], b[index], `${at}[${index}]`);
      if (found) return found;
    }
    return undefined;
  }
  if (!isRecord(a) || !isRecord(b)) return { at, a, b };
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = differenceOf(ownOf(a, key), ownOf(b, key), `${at}${keyText(key)}`);
    if (found) return found;
  }
  return undefined;
}

function isRecord(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function ownOf(record: { [key: string]: Json }, key: string): Json | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function keyText(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function sides({ at, a, b }: Found): ValueDifference {
  return {
    ...(at === '$' ? {} : { at }),
    ...(a === undefined ? {} : { a: cut(a) }),
    ...(b === undefined ? {} : { b: cut(b) }),
  };
}

/** What is shown of one side, in characters of JSON. */
const MAX_SIDE = 2_000;

function cut(value: Json): Json {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= MAX_SIDE ? value : `${text.slice(0, MAX_SIDE)}…`.toWellFormed();
}
