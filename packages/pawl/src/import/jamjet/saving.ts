/** What a node puts into the state, and the schema of what it gives. */
import type { Json } from '../../std/index.ts';
import { type Fields, isFields, type Part } from '../part.ts';
import type { JamNode } from './node.ts';

export interface Saving {
  /** What is merged where the file does not say: the whole output, or the output under the node's name. */
  readonly otherwise: 'whole' | 'named' | 'none';
  /** The output is a text, so that a field of it means the whole. */
  readonly isText?: boolean;
}

/** `save`, from whichever field the dialect has for it. */
export function saveOf(node: JamNode, { otherwise, isText = false }: Saving): Fields {
  const target = node.target('save');
  const fields = node.find('output_to_state');
  if (fields.isThere) return { save: fieldsOf(fields, { node, isText }) };
  const key = node.find('output_key', 'output_binding');
  const name = key.text() ?? keyNamedBySchema(node.find('output_schema'), target);
  if (name !== undefined) {
    if (key.isThere) key.to(target);
    declare(node, name);
    return { save: { [name]: 'output' } };
  }
  if (otherwise === 'none' || !node.setting.savesAll) return {};
  if (otherwise === 'whole') return savedWhole(node);
  node.setting.report.note(
    'what the worker saves of it is not in the file: its output, under its name',
    target,
  );
  declare(node, node.id);
  return { save: { [node.id]: 'output' } };
}

/** No field of the file says so: it is how that system works. */
export function savedWhole(node: JamNode): Fields {
  if (node.type !== 'finalizer')
    node.setting.report.follows('all that it gives is merged into the state, as there', node.target('save'));
  return { save: 'output' };
}

function fieldsOf(
  part: Part,
  { node, isText }: { readonly node: JamNode; readonly isText: boolean },
): Fields {
  const entries = part.entries();
  const isWhole = isText && entries.length === 1;
  return Object.fromEntries(
    entries.flatMap(([field, key]): [string, Json][] => {
      const name = key.text();
      if (name === undefined) return [];
      declare(node, name);
      if (isWhole) key.nearly(node.target('save'), 'the text as a whole, which has no fields');
      else key.to(node.target('save'));
      return [[name, isWhole ? 'output' : node.outputField(field)]];
    }),
  );
}

function declare(node: JamNode, key: string): void {
  node.setting.style.spokenOf.add(key);
}

/** Compiled agents name the key of the state where others have a schema. */
function keyNamedBySchema(schema: Part, target: string): string | undefined {
  const { value } = schema;
  if (typeof value !== 'string' || !/^[a-z_]\w*$/.test(value)) return undefined;
  schema.nearly(target, 'no schema, but the key of the state that compiled agents save their output as');
  return value;
}

/** The schema itself; a reference into other code stays as a note. */
export function outputSchemaOf(node: JamNode): Fields {
  const part = node.find('output_schema');
  const { value } = part;
  if (!part.isThere || (typeof value === 'string' && /^[a-z_]\w*$/.test(value))) return {};
  const schema = typeof value === 'string' ? parsed(value) : value;
  if (isSchema(schema)) {
    part.to(node.target('outputSchema'));
    return { outputSchema: schema };
  }
  part.nearly(
    node.target('metadata.outputSchema'),
    'a reference that nothing here can look up: kept as a note',
  );
  return { metadata: { outputSchema: value as Json } };
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a reference, or any other text
  }
}

const SCHEMA_WORDS = ['$schema', '$ref', 'properties', 'enum', 'oneOf', 'anyOf', 'items'];
const SCHEMA_TYPES: readonly unknown[] = ['object', 'array', 'string', 'number', 'integer', 'boolean'];

/** A JSON Schema, and no list of fields with their types. */
export function isSchema(value: unknown): value is Fields {
  if (!isFields(value)) return false;
  return (
    SCHEMA_TYPES.includes(value['type']) ||
    SCHEMA_WORDS.some((word) => typeof value[word] === 'object' || (word.startsWith('$') && word in value))
  );
}
