/** Models, tools, servers and remote agents of a file: what a node names is written into its `with`. */
import type { Json } from '../../std/index.ts';
import { isSensitiveName } from '../../step/index.ts';
import { type Fields, type Part } from '../part.ts';

type Shelf = 'models' | 'tools' | 'servers' | 'agents' | 'definitions' | 'policies';

/** Every place of the file that has entries of a kind. */
export type Shelves = Readonly<Record<Shelf, readonly Part[]>>;

export class Resources {
  readonly #shelves: Shelves;
  readonly #used = new Set<string>();

  constructor(shelves: Shelves) {
    this.#shelves = shelves;
  }

  /** The entry of this name; undefined where the file has none. */
  take(shelf: Shelf, name: string): Part | undefined {
    const entry = this.#shelves[shelf].map((part) => part.at(name)).find((part) => part.isThere);
    if (entry) this.#used.add(`${shelf} ${name}`);
    return entry;
  }

  reportUnused(): void {
    for (const shelf of Object.keys(this.#shelves) as Shelf[])
      for (const part of this.#shelves[shelf])
        for (const [name, entry] of part.entries())
          if (!this.#used.has(`${shelf} ${name}`)) reportUnused(entry);
          else if (shelf === 'models') reportOverruled(entry);
  }
}

/** Limits of a model that no node took over. */
function reportOverruled(entry: Part): void {
  for (const name of ['retry_policy', 'timeout_secs', 'timeout'])
    if (!entry.at(name).isReported) entry.at(name).without('the nodes that name it have one of their own');
}

/** Servers and agents inside of an entry are used on their own. */
function reportUnused(entry: Part): void {
  if (!entry.isRecord) entry.without('no node refers to it');
  else
    for (const [key, part] of entry.entries())
      if (key !== 'mcp' && key !== 'a2a') part.without('no node refers to it');
}

const CAMEL = /_([a-z])/g;

function camel(name: string): string {
  return name.replaceAll(CAMEL, (_all, letter: string) => letter.toUpperCase());
}

/** The fields of an entry, as they are. */
export function verbatim(entry: Part, names: readonly string[], where: string): Fields {
  const fields: Fields = {};
  for (const name of names) {
    const part = entry.at(name);
    if (!part.isThere) continue;
    fields[name] = part.value as Json;
    part.to(`${where}.${name}`);
  }
  return fields;
}

/** The fields of an entry that these names stand for, in our spelling. */
export function copied(entry: Part, names: readonly string[], where: string): Fields {
  const fields: Fields = {};
  for (const name of names) {
    const part = entry.at(name);
    if (!part.isThere) continue;
    fields[camel(name)] = withReferences(part.value as Json);
    part.to(`${where}.${camel(name)}`);
  }
  return fields;
}

/** A text that is `${NAME}` alone is a reference. */
function withReferences(value: Json): Json {
  const name = typeof value === 'string' ? /^\$\{([A-Za-z_]\w*)\}$/.exec(value)?.[1] : undefined;
  return name === undefined ? value : referenceTo(name);
}

/** A tool, with what its definition says. */
export function toolOf(entry: Part, where: string): Fields {
  const { ref, ...fields } = copied(
    entry,
    ['kind', 'reference', 'ref', 'description', 'input_schema', 'output_schema', 'permissions'],
    where,
  );
  return ref === undefined ? fields : { ...fields, reference: ref };
}

export function serverOf(entry: Part, where: string): Fields {
  const fields = copied(entry, ['transport', 'command', 'args', 'url'], where);
  return { ...fields, ...authOf(entry.at('auth'), `${where}.auth`) };
}

export function remoteAgentOf(entry: Part, where: string): Fields {
  const fields = copied(entry, ['url', 'agent_card_path'], where);
  return { ...fields, ...authOf(entry.at('auth'), `${where}.auth`) };
}

/** Credentials are named by their variables, and so they are secret references. */
const SECRETS: Readonly<Record<string, string>> = {
  token_env: 'token',
  key_env: 'key',
  client_id_env: 'clientId',
  client_secret_env: 'clientSecret',
};

function authOf(auth: Part, where: string): Fields {
  if (!auth.isThere) return {};
  const fields = copied(auth, ['type', 'header', 'token_url'], where);
  for (const [variable, field] of Object.entries(SECRETS)) {
    const name = auth.at(variable).text();
    if (name === undefined) continue;
    fields[field] = { $secret: name };
    auth.at(variable).to(`${where}.${field}`, 'a secret reference');
  }
  return { auth: fields };
}

/** What stands for a value that is not in the file. */
export function referenceTo(variable: string): Fields {
  return isSensitiveName(variable.toLowerCase()) ? { $secret: variable } : { $env: variable };
}
