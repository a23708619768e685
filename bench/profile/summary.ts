/** Reads a CPU profile: which functions the time was spent in themselves. */
import type { Profiler } from 'node:inspector';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const IDLE = '(idle)';
/** The profiler's own work. */
const PROFILER = 'node:inspector';

export interface SelfTime {
  readonly name: string;
  ms: number;
}

export interface Summary {
  /** Everything but idleness. */
  readonly busyMs: number;
  readonly idleMs: number;
  readonly functions: readonly SelfTime[];
  readonly files: readonly SelfTime[];
}

type Node = Profiler.ProfileNode;

export function summarize({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Summary {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node])));
  const functions = new Map<string, SelfTime>();
  const files = new Map<string, SelfTime>();
  let idleMs = 0;
  let busyMs = 0;
  for (const [index, id] of samples.entries()) {
    const node = byId.get(id);
    const ms = (timeDeltas[index] ?? 0) / 1_000;
    if (node === undefined || node.callFrame.url === PROFILER) continue;
    if (node.callFrame.functionName === IDLE) {
      idleMs += ms;
      continue;
    }
    busyMs += ms;
    add(functions, functionName(node, parents), ms);
    add(files, fileName(node), ms);
  }
  return { busyMs, idleMs, functions: sorted(functions), files: sorted(files) };
}

function add(times: Map<string, SelfTime>, name: string, ms: number): void {
  const time = times.get(name) ?? { name, ms: 0 };
  time.ms += ms;
  times.set(name, time);
}

function sorted(times: ReadonlyMap<string, SelfTime>): readonly SelfTime[] {
  return [...times.values()].toSorted((a, b) => b.ms - a.ms);
}

/** Native functions (SQLite's above all) carry no file: they are told apart by the nearest function of ours that called them. */
function functionName(node: Node, parents: ReadonlyMap<number, Node>): string {
  const name = node.callFrame.functionName || '(anonymous)';
  if (node.callFrame.url !== '') return `${name}  ${placeOf(node)}`;
  if (name.startsWith('(')) return name;
  let caller = parents.get(node.id);
  while (caller !== undefined && !caller.callFrame.url.startsWith('file:')) caller = parents.get(caller.id);
  if (caller === undefined) return `${name}  (native)`;
  return `${name}  (native, from ${caller.callFrame.functionName} ${placeOf(caller)})`;
}

function placeOf({ callFrame }: Node): string {
  return `${shortUrl(callFrame.url)}:${callFrame.lineNumber + 1}`;
}

function fileName({ callFrame }: Node): string {
  if (callFrame.url !== '') return shortUrl(callFrame.url);
  return callFrame.functionName.startsWith('(') ? callFrame.functionName : '(native)';
}

function shortUrl(url: string): string {
  return url.startsWith('file:') ? relative(root, fileURLToPath(url)).replace('packages/pawl/src/', '') : url;
}
