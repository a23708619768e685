/** Graphs for simulated worlds: few shapes, whose output does not depend on when what happens. */
import { type AnyKind, defineKind, type GraphWorkflow, graphFrom } from 'pawl';
import type { Firing, Hands } from './workflows.ts';

/** How the names of graphs begin. */
export const GRAPH_PREFIX = 'graph-';
const KID = `${GRAPH_PREFIX}kid`;

export interface Probe {
  /** How long it works. */
  readonly ms?: number;
  /** Attempts that fail first. */
  readonly failures?: number;
  /** It may fire in a run that is cancelled. */
  readonly cleansUp?: boolean;
  /** It never fires twice. */
  readonly isOnce?: boolean;
  /** It stops when it is told to. */
  readonly heeds?: boolean;
  readonly tokens?: number;
  /** It records progress. */
  readonly shows?: boolean;
  /** Where its step waits for a worker, unless its driver serves that; left out: `general`. */
  readonly queue?: string;
  /** It waits for a worker in any case. */
  readonly isDispatched?: boolean;
  /** Left out: where it stands. */
  readonly output?: unknown;
}

/** The kind of all steps: it fires, and says where. */
export function probeKind(hands: Hands | undefined): AnyKind {
  return defineKind<Probe>({
    name: 'probe',
    labels: ['ok', 'alt'],
    retry: { attempts: 3, initial: 30, factor: 2, max: 500, jitter: 0.2 },
    execute: async (given, context) => {
      const { ms = 0, failures = 0, tokens = 0, output } = given;
      const { attempt, idempotencyKey: key, path, signal } = context;
      if (tokens > 0) context.report({ inputTokens: tokens, outputTokens: 1 });
      const firing: Firing = { key, attempt, kind: firingKind(given), ms, at: placeOf(given) };
      const work = hands?.fire(firing);
      if (given.shows === true) context.progress({ at: path });
      await (given.heeds === true && work ? Promise.race([work, aborted(signal)]) : work);
      hands?.ends(firing, signal.aborted);
      if (attempt <= failures) throw new Error('this attempt fails');
      return { outcome: path.startsWith('alt') ? 'alt' : 'ok', output: output ?? { at: path } };
    },
  });
}

function placeOf({ queue = 'general', isDispatched = false }: Probe): NonNullable<Firing['at']> {
  return { queue, isDispatched };
}

function firingKind({ cleansUp, isOnce }: Probe): Firing['kind'] {
  if (cleansUp) return 'cancel';
  return isOnce ? 'once' : 'step';
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

const probe = (given: Probe = {}, more: object = {}): object => ({ kind: 'probe', with: given, ...more });
const clean = probe({ cleansUp: true, ms: 3 }, { finalize: 'always' });
/** Clean up that has so much time. */
const last = (deadline: number | string): object => ({ finalize: 'always', deadline });
const rest = (ms: number): object => ({ kind: 'sleep', with: { for: ms } });

interface Shape {
  readonly steps: Readonly<Record<string, object>>;
  readonly edges?: readonly unknown[];
  readonly [field: string]: unknown;
}

const SHAPES: readonly Shape[] = [
  {
    steps: { a: probe(), b: probe({ ms: 3, failures: 1 }), c: probe({ ms: 10 }), clean, last: clean },
    edges: ['a -> b', 'b -> c'],
  },
  {
    steps: {
      a: probe(),
      b1: probe({ ms: 5, failures: 2 }),
      b2: rest(300),
      b3: probe({ ms: 40 }),
      join: probe(),
      clean,
    },
    edges: ['a -> b1', 'a -> b2', 'a -> b3', 'b1 -> join', 'b2 -> join', 'b3 -> join'],
    limits: { maxConcurrentSteps: 2, maxDispatch: 1 },
  },
  {
    steps: {
      quick: probe({ ms: 1 }),
      slow: rest(900_000),
      never: probe(),
      first: probe({}, { join: { count: 1, losers: 'cancel' } }),
      clean,
    },
    edges: ['quick -> first', 'slow -> never', 'never -> first'],
  },
  {
    state: { rounds: { type: 'number', merge: 'sum' } },
    steps: {
      again: probe({ ms: 2 }, { save: { rounds: '1' } }),
      nap: rest(20),
      done: probe(),
      clean,
    },
    edges: [
      'again -> nap',
      { from: 'nap', to: 'again', loop: { max: 3 } },
      { from: 'nap', to: 'done', on: 'exhausted' },
    ],
  },
  {
    steps: {
      each: {
        kind: 'map',
        with: { items: [1, 2, 3, 4], concurrency: 2, step: probe({ ms: 5, failures: 1 }) },
        save: { each: 'output' },
      },
      alt: probe(),
      rest: probe(),
    },
    edges: ['each -> alt', { from: 'alt', to: 'rest', on: 'alt' }],
  },
  {
    steps: { a: probe(), broken: probe({ failures: 9 }), other: rest(400), never: probe(), clean },
    edges: ['a -> broken', 'a -> other', 'broken -> never', 'other -> never'],
  },
  {
    deadline: 2_000,
    steps: {
      a: probe({ ms: 1 }),
      wait: rest(900_000),
      tidy: probe({ cleansUp: true }, { finalize: 'failure' }),
    },
    edges: ['a -> wait'],
  },
  { steps: { a: probe(), ask: { kind: 'signal', ...last(400) }, clean } },
  {
    steps: { a: probe({ ms: 3 }), call: { kind: 'workflow', with: { workflow: KID }, ...last(600) }, clean },
  },
  {
    steps: {
      a: probe(),
      nap: { ...rest(200), finalize: 'always' },
      each: {
        kind: 'map',
        with: { items: [1, 2, 3], concurrency: 2, step: { kind: 'signal' } },
        ...last(500),
      },
      clean,
    },
  },
  {
    steps: {
      a: probe(),
      held: probe(
        { ms: 3, failures: 2, cleansUp: true },
        { ...last('1h'), retry: { attempts: 1 }, onExhausted: 'park' },
      ),
      clean,
    },
  },
];

/** It ends when it is cancelled, and only then. */
const NEVER_ENDING: Shape = {
  steps: { a: probe({ ms: 2 }), never: { kind: 'signal' }, clean },
  edges: [{ from: 'never', to: 'end', on: 'expired' }],
};

/** What programs call. */
export const graphs: readonly GraphWorkflow[] = SHAPES.map((shape, index) =>
  graphOf(`${GRAPH_PREFIX}${index}`, shape),
);

/** What graphs call. */
export const kids: readonly GraphWorkflow[] = [graphOf(KID, NEVER_ENDING)];

function graphOf(workflow: string, shape: Shape): GraphWorkflow {
  return graphFrom({ pawl: 1, workflow, version: '1', ...shape }, { kinds: [probeKind(undefined)] });
}
