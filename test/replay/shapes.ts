/** One workflow for each shape that a history can have, and what becomes of the runs that the kept histories hold of it. */
import {
  type AnyWorkflow,
  type Engine,
  type RunStatus,
  TerminalError,
  workflow,
  type WorkflowContext,
} from 'pawl';
import { z } from 'zod';

/** Steps that fired, as `RUN step`: what a history holds must not fire again. */
export const fired: string[] = [];

export interface Shape {
  readonly run: string;
  readonly workflow: AnyWorkflow;
  readonly input?: unknown;
  /** What was done to the run before its history was kept. */
  readonly before?: (engine: Engine, run: string) => Promise<void>;
  /** What its history comes to as it was kept. */
  readonly kept: { readonly status: RunStatus; readonly steps: Readonly<Record<string, string>> };
  /** What is done to bring it to its end; nothing for runs that have ended. */
  readonly after?: (engine: Engine, run: string) => Promise<void>;
  readonly end: { readonly status: RunStatus; readonly output?: unknown; readonly code?: string };
  /** Steps that fire on the way from the kept history to the end. */
  readonly fires?: readonly string[];
}

type Run<Input> = (ctx: WorkflowContext, input: Input) => Promise<unknown>;

function named<Input = unknown>(name: string, run: Run<Input>): AnyWorkflow {
  return workflow<Input, unknown>({ name }, run);
}

/** A step that notes that it fired. */
async function step<T>(ctx: WorkflowContext, name: string, value: T): Promise<T> {
  return await ctx.step(name, () => {
    fired.push(`${ctx.runId} ${name}`);
    return value;
  });
}

const ada = { by: 'ada' };
const HOUR_MS = 3_600_000;

const sequence = named('sequence', async (ctx) => [
  await step(ctx, 'one', 1),
  (await step(ctx, 'none', undefined)) === undefined,
  await step(ctx, 'text', 'größer "als"\n'),
  await step(ctx, 'one', { again: true }),
]);

const together = named('together', async (ctx) => {
  const all = await Promise.all(['a', 'b', 'c'].map((name) => step(ctx, name, name)));
  const first = await Promise.race([step(ctx, 'quick', 'quick'), ctx.sleep('slow', '1h').then(() => 'slow')]);
  return [...all, first];
});

const scopes = named('scopes', async (ctx) => {
  const both = await ctx.parallel('both', {
    left: (c) => step(c, 'x', 1),
    right: (c) => step(c, 'x', 2),
  });
  const { winner } = await ctx.race('first', {
    timer: (c) => c.sleep('soon', '1s').then(() => 'late'),
    word: (c) => c.signal('word'),
  });
  const sizes = await ctx.map('items', ['aa', 'bbb', 'c'], (item, c) => step(c, 'size', item.length), {
    concurrency: 2,
    key: (item) => item,
  });
  return { both, winner, sizes };
});

const child = named<{ n: number }>('child', async (ctx, { n }) => await step(ctx, 'double', n * 2));

const family = named('family', async (ctx) => {
  const doubled = await ctx.workflow('child', { n: 4 });
  const go = await ctx.signal('go');
  return [doubled, go, await ctx.workflow('child', { n: 5 }, { name: 'second' })];
});

const signals = named('signals', async (ctx) => {
  const early = await ctx.signal('early');
  const typed = await ctx.signal('typed', z.object({ n: z.number() }));
  return [early, typed, await step(ctx, 'after', 'done')];
});

const gate = named('gate', async (ctx) => {
  const { decision, by } = await ctx.approval('ship', { message: 'Ship?', args: { to: 'all' } });
  const late = await ctx.approval('late', { message: 'Now?', deadline: '1h', onRejected: 'return' });
  return [decision, by, late.decision];
});

const question = named('question', async (ctx) => await ctx.input('size', z.object({ size: z.number() })));

const stubborn = named('stubborn', async (ctx) => {
  return await ctx.step(
    'flaky',
    ({ attempt }) => {
      fired.push(`${ctx.runId} flaky ${attempt}`);
      if (attempt < 3) throw new Error(`attempt ${attempt}`);
      return attempt;
    },
    { retry: { attempts: 4, initial: '1h', factor: 1, jitter: 0 } },
  );
});

export const hang = (): Promise<never> => new Promise(() => undefined);
let isFirstLife = true;

export function isBeforeKept(): boolean {
  return isFirstLife;
}

/** Steps that hang in the life that writes the history and end in every later one. */
export function beginLaterLife(): void {
  isFirstLife = false;
}

const once = named('once', async (ctx) => {
  const fax = await ctx.step('fax', () => (isFirstLife ? hang() : 'sent twice'), { atMostOnce: true });
  return [fax, await step(ctx, 'file', 'filed')];
});

const lost = named('lost', async (ctx) => {
  await step(ctx, 'before', 1);
  return await ctx.step('inside', async ({ attempt }) => {
    fired.push(`${ctx.runId} inside`);
    return isFirstLife ? await hang() : attempt;
  });
});

const looping = named<number>('looping', async (ctx, left) => {
  await step(ctx, 'tick', left);
  return left === 0 ? 'over' : await ctx.continueAsNew(left - 1);
});

const derived = named('derived', async (ctx) => {
  const isNew = ctx.patched('new-way');
  ctx.set({ stage: 'begun' });
  await step(ctx, 'a', 1);
  ctx.set({ stage: 'done' });
  return [isNew, ctx.random(), ctx.uuid(), ctx.now().toISOString()];
});

const failing = named('failing', async (ctx) => {
  await ctx.step('no', () => {
    throw new TerminalError('declined', { code: 'CARD_DECLINED' });
  });
});

const cancelled = named('cancelled', async (ctx) => {
  await step(ctx, 'a', 1);
  await ctx.signal('never');
});

const paused = named('paused', async (ctx) => {
  await ctx.signal('go');
  return await step(ctx, 'later', 1);
});

const large = named('large', async (ctx) => (await step(ctx, 'book', 'x'.repeat(40_000))).length);

const paid = named('paid', async (ctx) => {
  await ctx.step('model', ({ report }) => {
    fired.push(`${ctx.runId} model`);
    report({ inputTokens: 10, outputTokens: 3, costUsd: '0.000123' });
    return 'words';
  });
  return ctx.usage.inputTokens;
});

const ended = { status: 'completed' } as const;

export const shapes: readonly Shape[] = [
  {
    run: 'sequence',
    workflow: sequence,
    kept: {
      ...ended,
      steps: { one: 'completed', none: 'completed', text: 'completed', 'one#2': 'completed' },
    },
    end: { ...ended, output: [1, true, 'größer "als"\n', { again: true }] },
  },
  {
    run: 'together',
    workflow: together,
    kept: {
      ...ended,
      steps: { a: 'completed', b: 'completed', c: 'completed', quick: 'completed', slow: 'cancelled' },
    },
    end: { ...ended, output: ['a', 'b', 'c', 'quick'] },
  },
  {
    run: 'scopes',
    workflow: scopes,
    kept: {
      ...ended,
      steps: {
        'both/left/x': 'completed',
        'both/right/x': 'completed',
        'first/timer/soon': 'completed',
        'first/word/word': 'cancelled',
        'items/aa/size': 'completed',
        'items/bbb/size': 'completed',
        'items/c/size': 'completed',
      },
    },
    end: { ...ended, output: { both: { left: 1, right: 2 }, winner: 'timer', sizes: [2, 3, 1] } },
  },
  {
    run: 'family',
    workflow: family,
    kept: { status: 'waiting', steps: { child: 'completed', go: 'waiting' } },
    after: (engine, run) => engine.signal(run, 'go', 'now'),
    end: { ...ended, output: [8, 'now', 10] },
    fires: ['double'],
  },
  {
    run: 'signals',
    workflow: signals,
    before: (engine, run) => engine.signal(run, 'early', 'bird'),
    kept: { status: 'waiting', steps: { early: 'completed', typed: 'waiting' } },
    after: (engine, run) => engine.signal(run, 'typed', { n: 1 }),
    end: { ...ended, output: ['bird', { n: 1 }, 'done'] },
    fires: ['after'],
  },
  {
    run: 'gate',
    workflow: gate,
    kept: { status: 'waiting', steps: { ship: 'waiting' } },
    after: (engine, run) => engine.approve(run, 'ship', ada),
    end: { ...ended, output: ['approved', 'ada', 'expired'] },
  },
  {
    run: 'gate-decided',
    workflow: gate,
    before: (engine, run) => engine.approve(run, 'ship', { ...ada, comment: 'fine' }),
    kept: { status: 'waiting', steps: { ship: 'completed', late: 'waiting' } },
    after: (engine, run) => engine.reject(run, 'late', ada),
    end: { ...ended, output: ['approved', 'ada', 'rejected'] },
  },
  {
    run: 'question',
    workflow: question,
    kept: { status: 'waiting', steps: { size: 'waiting' } },
    after: (engine, run) => engine.answer(run, 'size', { size: 4 }, ada),
    end: { ...ended, output: { size: 4 } },
  },
  {
    run: 'stubborn',
    workflow: stubborn,
    kept: { status: 'waiting', steps: { flaky: 'waiting' } },
    end: { ...ended, output: 3 },
    fires: ['flaky 2', 'flaky 3'],
  },
  {
    run: 'once',
    workflow: once,
    kept: { status: 'running', steps: { fax: 'running' } },
    after: (engine, run) => engine.answer(run, 'fax', 'sent', ada),
    end: { ...ended, output: ['sent', 'filed'] },
    fires: ['file'],
  },
  {
    run: 'lost',
    workflow: lost,
    kept: { status: 'running', steps: { before: 'completed', inside: 'running' } },
    end: { ...ended, output: 2 },
    fires: ['inside'],
  },
  {
    run: 'looping',
    workflow: looping,
    input: 2,
    kept: { ...ended, steps: { tick: 'completed' } },
    end: { ...ended, output: 'over' },
  },
  {
    run: 'derived',
    workflow: derived,
    kept: { ...ended, steps: { a: 'completed' } },
    end: {
      ...ended,
      output: [true, 0.9252333876362784, 'aa0e9329-d7fa-4cf3-bad5-8bd7813e2251', '2026-01-01T00:00:00.000Z'],
    },
  },
  {
    run: 'failing',
    workflow: failing,
    kept: { status: 'failed', steps: { no: 'failed' } },
    end: { status: 'failed', code: 'CARD_DECLINED' },
  },
  {
    run: 'cancelled',
    workflow: cancelled,
    before: (engine, run) => engine.cancel(run, { ...ada, reason: 'not needed' }),
    kept: { status: 'cancelled', steps: { a: 'completed', never: 'cancelled' } },
    end: { status: 'cancelled' },
  },
  {
    run: 'paused',
    workflow: paused,
    before: (engine, run) => engine.pause(run, ada),
    kept: { status: 'paused', steps: { go: 'waiting' } },
    after: async (engine, run) => {
      await engine.signal(run, 'go');
      await engine.resume(run, ada);
    },
    end: { ...ended, output: 1 },
    fires: ['later'],
  },
  {
    run: 'large',
    workflow: large,
    kept: { ...ended, steps: { book: 'completed' } },
    end: { ...ended, output: 40_000 },
  },
  {
    run: 'paid',
    workflow: paid,
    kept: { ...ended, steps: { model: 'completed' } },
    end: { ...ended, output: 10 },
  },
];

export const workflows: readonly AnyWorkflow[] = [...new Set(shapes.map((shape) => shape.workflow)), child];
/** Longest delay in the histories. */
export const LONGEST_MS = 2 * HOUR_MS;
