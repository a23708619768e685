/** The store as one process meets it: calls take time, fail, are doubtful, and may be the last thing that their process does. */
import { pawlError } from '../../../packages/pawl/src/errors/index.ts';
import type { Batch, Store } from '../../../packages/pawl/src/store/index.ts';
import type { At, Fault } from '../plan/plan.ts';
import type { Reached } from './ground.ts';
import type { Process } from './process.ts';

/** What a store call meets, by the number of the call in its slot. */
export type CallFault = Extract<Fault, { readonly at: At }>;

/** What becomes of the processes that call. */
export interface FaultyFate {
  /** Counts the call, and says what happens at it. */
  faultAt(process: Process, call: StoreCall): CallFault | undefined;
  /** Kills the process of a call; it comes again after a while. */
  die(process: Process, fault: Extract<Fault, { type: 'kill' }>): void;
  stop(process: Process, forMs: number): void;
}

/** The way to the store, and what is behind it. */
export interface FaultyWire {
  /** The longest way there, or back. */
  readonly latencyMs: number;
  readonly isRemote: boolean;
  /** Runs a call of the real store when nothing doubtful is in front of it, and looks at what it changed. */
  perform(process: Process, call: StoreCall): Promise<unknown>;
  /** Keeps a commit that lands later: whoever writes waits behind it, or (`isAstray`) it has not reached the store. */
  doubt(process: Process, call: StoreCall, isAstray: boolean): void;
  /** Runs something after a while of the world's time, whatever becomes of the process. */
  later(delayMs: number, run: () => void): void;
  /** A number that grows when another process writes: one connection serves them all, and could not tell. */
  changesOfOthers(process: Process): number;
  /** Keeps the listener of a process; returns how to forget it. */
  watch(process: Process, listener: () => void): () => void;
}

export interface StoreCall {
  readonly name: string;
  readonly batches: readonly Batch[];
  readonly run: () => Promise<unknown>;
  readonly isWrite: boolean;
}

const WRITES: ReadonlySet<string> = new Set([
  'commit',
  'claim',
  'reclaim',
  'claimTasks',
  'releaseAll',
  'registerWorkflows',
  'registerWorker',
  'beat',
  'retireWorker',
]);

const never = new Promise<never>(() => undefined);

export interface FaultyStoreSetup {
  readonly reached: Reached;
  readonly process: Process;
  readonly fate: FaultyFate;
  readonly wire: FaultyWire;
}

export function faultyStore(setup: FaultyStoreSetup): Store {
  const { reached, process, wire } = setup;
  return new Proxy(reached.store, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      const method = (value as (...args: unknown[]) => Promise<unknown>).bind(target);
      if (property === 'watch') return (listener: () => void) => wire.watch(process, listener);
      if (property === 'close') return async () => undefined;
      const name = String(property);
      return (...args: unknown[]): Promise<unknown> => {
        const batches = name === 'commit' ? (args[0] as readonly Batch[]) : [];
        const run = async (): Promise<unknown> =>
          name === 'changes' ? wire.changesOfOthers(process) : await method(...args);
        return call(setup, { name, batches, run, isWrite: WRITES.has(name) });
      };
    },
  });
}

async function call(setup: FaultyStoreSetup, one: StoreCall): Promise<unknown> {
  const { process, fate } = setup;
  if (isDead(process)) return await never;
  const fault = fate.faultAt(process, one);
  await travel(setup);
  if (isDead(process)) return await never;
  try {
    return await arrive(setup, one, fault);
  } finally {
    if (isDead(process)) await never;
    await travel(setup, true);
    if (isDead(process)) await never;
  }
}

function isDead(process: Process): boolean {
  return process.state === 'dead';
}

/** The way there or back. To a remote store a call goes on although its process is stopped; the answer waits for it. */
async function travel({ process, wire }: FaultyStoreSetup, isBack = false): Promise<void> {
  const { latencyMs, isRemote } = wire;
  if (latencyMs === 0 && process.state === 'up') return;
  const delayMs = latencyMs * process.chance.next();
  if (isBack || !isRemote) await process.pause(delayMs);
  else await new Promise<void>((resolve) => wire.later(delayMs, resolve));
}

async function arrive(
  setup: FaultyStoreSetup,
  one: StoreCall,
  fault: CallFault | undefined,
): Promise<unknown> {
  const { process, wire } = setup;
  switch (fault?.type) {
    case undefined:
      return await wire.perform(process, one);
    case 'kill':
      return await killed(setup, one, fault);
    case 'stop':
      return await stopped(setup, one, fault);
    case 'unknown':
      return await doubtful(setup, one, fault.fate);
    case 'away':
      throw pawlError('STORE_UNAVAILABLE', { problem: 'it is away' });
  }
}

async function killed(
  { process, fate, wire, reached }: FaultyStoreSetup,
  one: StoreCall,
  fault: Extract<Fault, { type: 'kill' }>,
): Promise<unknown> {
  if (fault.place === 'inside') reached.arm(fault.statements);
  if (fault.place !== 'before') {
    try {
      await wire.perform(process, one);
    } catch {
      // it died inside of it, or was refused: nobody is left to hear of it
    }
  }
  fate.die(process, fault);
  return await never;
}

async function stopped(
  { process, fate, wire }: FaultyStoreSetup,
  one: StoreCall,
  fault: Extract<Fault, { type: 'stop' }>,
): Promise<unknown> {
  if (fault.place === 'after') {
    const answer = await wire.perform(process, one);
    fate.stop(process, fault.forMs);
    await process.pause(0);
    return answer;
  }
  fate.stop(process, fault.forMs);
  await process.pause(0);
  return await wire.perform(process, one);
}

/** What is lost without a trace is told by the real line, where there is one that can break. */
async function doubtful(
  { process, wire, reached }: FaultyStoreSetup,
  one: StoreCall,
  fate: Extract<Fault, { type: 'unknown' }>['fate'],
): Promise<unknown> {
  if (!one.isWrite) return await wire.perform(process, one);
  if (reached.loseNext && (fate === 'landed' || fate === 'dropped')) {
    reached.loseNext(fate === 'landed' ? 'answer' : 'request');
    return await wire.perform(process, one);
  }
  await reached.cut?.();
  if (fate === 'landed') await wire.perform(process, one);
  if (fate !== 'dropped' && fate !== 'landed' && one.name === 'commit')
    wire.doubt(process, one, fate === 'astray');
  throw pawlError('STORE_UNKNOWN', { problem: 'the connection was cut' });
}
