/** What a generated workflow does: operations that are put into each other, each with an id that is its name. */
import type { Chance } from './chance.ts';

/** A step that is one of a kind, and may wait for a worker of its queue. */
export interface TaskPlan {
  readonly queue?: string;
  /** It waits for a worker in any case. */
  readonly isDispatched?: boolean;
  /** Of each attempt: shorter than what it does. */
  readonly timeoutMs?: number;
  /** Of the step: what becomes of it depends on time then. */
  readonly deadlineMs?: number;
  /** It records progress. */
  readonly shows?: boolean;
}

export type Op =
  /** A step whose first attempts fail; `isHopeless`: all of them do. */
  | {
      readonly type: 'step';
      readonly id: string;
      readonly failures: number;
      readonly isHopeless: boolean;
      readonly ms: number;
      readonly tokens: number;
      readonly task?: TaskPlan;
    }
  /** An at-most-once step; without `reconciles` a person answers for it. */
  | {
      readonly type: 'once';
      readonly id: string;
      readonly reconciles: boolean;
      readonly ms: number;
      readonly task?: TaskPlan;
    }
  | { readonly type: 'repeatable'; readonly id: string; readonly count: number }
  | { readonly type: 'sleep'; readonly id: string; readonly ms: number }
  /** So many messages of one name, all of them, whatever races with them. */
  | {
      readonly type: 'inbox';
      readonly id: string;
      readonly count: number;
      readonly style: 'plain' | 'native' | 'scoped' | 'timeout';
      readonly ms: number;
    }
  /** An approval that races its deadline. */
  | { readonly type: 'gate'; readonly id: string; readonly ms: number }
  | {
      readonly type: 'all' | 'parallel' | 'settled';
      readonly id: string;
      readonly branches: readonly (readonly Op[])[];
    }
  /** Two branches of which the second one waits long and loses. */
  | {
      readonly type: 'race';
      readonly id: string;
      readonly isScoped: boolean;
      readonly branch: readonly Op[];
      /** Of the branch that loses, where it works. */
      readonly task?: TaskPlan;
    }
  /** A branch that is about to do an at-most-once step when the other one ends it: by winning, or by failing. */
  | {
      readonly type: 'rivals';
      readonly id: string;
      readonly isRace: boolean;
      /** How long the loser works before its at-most-once step, and how much later the other one ends. */
      readonly beforeMs: number;
      readonly laterMs: number;
      /** Of all its steps. */
      readonly task?: TaskPlan;
    }
  | {
      readonly type: 'map';
      readonly id: string;
      readonly items: number;
      readonly concurrency: number;
      readonly body: readonly Op[];
    }
  /** A child, that goes on as a new run so many times. */
  | { readonly type: 'child'; readonly id: string; readonly body: readonly Op[]; readonly rounds: number }
  /** Waits for something that is not ctx, while no call is open: else the run may leave memory over it. */
  | { readonly type: 'foreign'; readonly id: string; readonly ms: number }
  /** A child that is a graph: one of a few shapes, in worlds of graphs alone. */
  | { readonly type: 'graph'; readonly id: string; readonly shape: number }
  /** Derived values and shown state. */
  | { readonly type: 'derived'; readonly id: string };

/** Names the operations of one program: `a`, `b`, … */
export interface Names {
  next(): string;
}

export function names(): Names {
  let count = 0;
  return { next: () => `o${++count}` };
}

/** A list of one to four operations, nested at most `depth` deep. */
export function randomOps(chance: Chance, naming: Names, depth: number): Op[] {
  return Array.from({ length: chance.from(1, depth > 1 ? 4 : 2) }, () => randomOp(chance, naming, depth));
}

type Maker = (chance: Chance, id: string) => Op;
type Nester = (chance: Chance, naming: Names, depth: number) => Op;

const step: Maker = (chance, id) => ({
  type: 'step',
  id,
  failures: chance.is(0.25) ? chance.from(1, 2) : 0,
  isHopeless: chance.is(0.15),
  ms: chance.pick([0, 0, 1, 3, 10, 40, 60, 400]),
  tokens: chance.is(0.4) ? chance.from(1, 9) : 0,
});

const LEAVES: readonly Maker[] = [
  step,
  step,
  step,
  (chance, id) => ({
    type: 'once',
    id,
    reconciles: chance.is(0.5),
    ms: chance.pick([0, 1, 5, 50]),
  }),
  (chance, id) => ({ type: 'repeatable', id, count: chance.from(1, 4) }),
  (chance, id) => ({ type: 'sleep', id, ms: chance.pick([1, 20, 300, 3_000, 9_000]) }),
  (chance, id) => ({
    type: 'inbox',
    id,
    count: chance.from(1, 3),
    style: chance.pick(['plain', 'native', 'scoped', 'timeout']),
    ms: chance.pick([15, 150, 1_000]),
  }),
  (chance, id) => ({ type: 'gate', id, ms: chance.pick([60, 400, 3_000]) }),
  (_chance, id) => ({ type: 'derived', id }),
  (chance, id) => ({
    type: 'rivals',
    id,
    isRace: chance.is(0.5),
    beforeMs: chance.pick([0, 1, 10, 40]),
    laterMs: chance.pick([0, 1, 4, 20]),
  }),
];

const NESTS: readonly Nester[] = [
  (chance, naming, depth) => ({
    type: chance.pick(['all', 'all', 'parallel', 'settled']),
    id: naming.next(),
    branches: Array.from({ length: chance.from(2, 3) }, () => randomOps(chance, naming, depth - 1)),
  }),
  (chance, naming, depth) => ({
    type: 'race',
    id: naming.next(),
    isScoped: chance.is(0.5),
    branch: randomOps(chance, naming, depth - 1),
  }),
  (chance, naming, depth) => ({
    type: 'map',
    id: naming.next(),
    items: chance.from(1, 3),
    concurrency: chance.from(1, 3),
    body: randomOps(chance, naming, depth - 1),
  }),
  (chance, naming, depth) => ({
    type: 'child',
    id: naming.next(),
    body: randomOps(chance, naming, depth - 1),
    rounds: chance.is(0.15) ? 1 : 0,
  }),
];

function randomOp(chance: Chance, naming: Names, depth: number): Op {
  if (depth > 1 && chance.is(0.4)) return chance.pick(NESTS)(chance, naming, depth);
  return chance.pick(LEAVES)(chance, naming.next());
}

/** The lists of operations inside an operation. */
export function partsOf(op: Op): readonly (readonly Op[])[] {
  switch (op.type) {
    case 'all':
    case 'parallel':
    case 'settled':
      return op.branches;
    case 'race':
      return [op.branch];
    case 'map':
    case 'child':
      return [op.body];
    default:
      return [];
  }
}
