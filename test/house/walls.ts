/** Checks sources against the law of architecture/rooms.mjs: walls, doors, strangers, outside packages, cycles. */
import { posix } from 'node:path';
import type { HouseFile } from './files.ts';
import { importsOf } from './imports.ts';

export type Purity = 'pure' | 'deterministic' | 'open';

export interface Room {
  readonly title: string;
  readonly purity: Purity;
  readonly imports: readonly string[];
  readonly packages: readonly string[];
  readonly importsUserCode?: boolean;
  readonly impure?: Readonly<Record<string, { readonly uses: readonly string[]; readonly reason: string }>>;
}

export interface Law {
  readonly rooms: Readonly<Record<string, Room>>;
  readonly entries: Readonly<Record<string, { readonly imports: readonly string[] }>>;
  readonly strangers: readonly string[];
}

/** The room a path of src belongs to: the longest name that it lies in; undefined for files outside every room. */
export function roomOf(path: string, law: Law): string | undefined {
  const names = Object.keys(law.rooms).filter((name) => path.startsWith(`${name}/`));
  return names.toSorted((a, b) => b.length - a.length)[0];
}

export function isTest(path: string): boolean {
  return path.endsWith('.test.ts');
}

/** Every breach of the walls, one line each. Paths are relative to src. */
export function wallBreaches(files: readonly HouseFile[], law: Law): string[] {
  return files.flatMap((file) => {
    const breaches = importsOf(file.text).map((one) => {
      const problem = problemOf(file.path, one.specifier, law);
      return problem === undefined ? [] : [`${file.path}:${one.line} ${problem}`];
    });
    return [...homeless(file.path, law), ...breaches.flat()];
  });
}

function homeless(path: string, law: Law): string[] {
  const hasHome = roomOf(path, law) !== undefined || path in law.entries;
  return hasHome ? [] : [`${path} lies in no room of architecture/rooms.mjs`];
}

function problemOf(path: string, specifier: string | undefined, law: Law): string | undefined {
  const home = roomOf(path, law);
  if (specifier === undefined) {
    const isAllowed = home !== undefined && law.rooms[home]?.importsUserCode === true;
    return isAllowed ? undefined : 'imports a computed name: only rooms with importsUserCode may';
  }
  if (specifier.startsWith('.'))
    return relativeProblem(path, posix.join(posix.dirname(path), specifier), law);
  if (home === undefined || isTest(path)) return undefined;
  const allowed = law.rooms[home]?.packages ?? [];
  return isListed(specifier, allowed) ? undefined : `${home} may not import the package ${specifier}`;
}

function isListed(specifier: string, allowed: readonly string[]): boolean {
  if (allowed.includes(specifier)) return true;
  if (specifier === 'pawl' || specifier.startsWith('pawl/')) return false; // a room must not use its own front door
  if (specifier.startsWith('node:')) return allowed.includes('node:*');
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  return allowed.includes('*') || allowed.includes(name);
}

function relativeProblem(path: string, target: string, law: Law): string | undefined {
  if (target.startsWith('..')) return `imports ${target}, which is outside of src`;
  if (!/\.(?:ts|json)$/.test(target)) return `imports ${target} without its extension .ts`;
  if (isTest(target)) return `imports the test ${target}`;
  const from = roomOf(path, law);
  const to = roomOf(target, law);
  if (from !== undefined && from === to) return strangerProblem(from, { path, target }, law);
  const name = to ?? target;
  const allowed = from === undefined ? law.entries[path]?.imports : law.rooms[from]?.imports;
  if (!isTest(path) && !(allowed ?? []).includes(name)) return `${from ?? path} may not import ${name}`;
  if (isTest(path) && to !== undefined && !reachable(from, law).has(to))
    return `a test of ${from} may not import ${to}`;
  const isDoor = to === undefined || target === `${to}/index.ts`;
  return isDoor ? undefined : `imports ${target}: cross the wall through ${to}/index.ts`;
}

/** A test beside its source may use whatever its room stands on, and the kit for tests. */
function reachable(room: string | undefined, law: Law): Set<string> {
  const seen = new Set<string>(['testing']);
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const next of law.rooms[name]?.imports ?? []) visit(next);
  };
  if (room !== undefined) visit(room);
  return seen;
}

function strangerProblem(
  room: string,
  { path, target }: { path: string; target: string },
  law: Law,
): string | undefined {
  if (!law.strangers.includes(room)) return undefined;
  const own = folderIn(room, path);
  const other = folderIn(room, target);
  const isMet = own !== undefined && other !== undefined && own !== other;
  return isMet ? `${room} are strangers: ${own} may not import ${other}` : undefined;
}

function folderIn(room: string, path: string): string | undefined {
  const rest = path.slice(room.length + 1).split('/');
  return rest.length > 1 ? rest[0] : undefined;
}

/** Rooms whose `imports` lead back to themselves: a law that allows a cycle is broken itself. */
export function lawBreaches(law: Law): string[] {
  const names = [...Object.keys(law.rooms), ...Object.keys(law.entries)];
  const rows: [string, readonly string[]][] = [
    ...Object.entries(law.rooms).map(([name, room]): [string, readonly string[]] => [name, room.imports]),
    ...Object.entries(law.entries).map(([name, entry]): [string, readonly string[]] => [name, entry.imports]),
  ];
  const unknown = rows.flatMap(([name, imports]) =>
    imports
      .filter((other) => !names.includes(other))
      .map((other) => `${name} may import ${other}, which is no room`),
  );
  const circles = cyclesIn(new Map(rows)).map((circle) => `the law has a cycle: ${circle.join(' -> ')}`);
  return [...unknown, ...circles];
}

/** Cycles among files, type imports included; each as the list of its files, first one repeated at the end. */
export function fileCycles(files: readonly HouseFile[]): string[][] {
  const graph = new Map<string, string[]>();
  for (const file of files) {
    const targets = importsOf(file.text).map((one) => one.specifier ?? '');
    const inner = targets.filter((one) => one.startsWith('.'));
    graph.set(
      file.path,
      inner.map((one) => posix.join(posix.dirname(file.path), one)),
    );
  }
  return cyclesIn(graph);
}

function cyclesIn(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (node: string): void => {
    const at = trail.indexOf(node);
    if (at !== -1) cycles.push([...trail.slice(at), node]);
    if (at !== -1 || done.has(node)) return;
    trail.push(node);
    for (const next of graph.get(node) ?? []) visit(next);
    trail.pop();
    done.add(node);
  };
  for (const node of graph.keys()) visit(node);
  return cycles;
}
