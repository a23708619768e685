/** The workflows that crash: every step has one effect, and what a run must come to follows from its input alone. */
import {
  type AnyWorkflow,
  StepFailed,
  type StepTools,
  TerminalError,
  workflow,
  type WorkflowContext,
} from '../../../packages/pawl/src/index.ts';
import type { Firing } from './protocol.ts';

/** What effects are made with. */
export interface Hands {
  append(firing: Firing): void;
  /** Wall clock, ms. */
  now(): number;
  pause(ms: number): Promise<void>;
  /** Resolves when the test lets go. */
  held(): Promise<void>;
  /** Says something in the log of its process. */
  note(text: string): void;
  /** Kills this process. */
  die(): void;
  /** Whether the world outside has an effect with this key. */
  knows(key: string): boolean;
}

/** What stands in the log of its process when an attempt was aborted. */
export const ABORTED = 'the attempt was aborted';

type Act = (ctx: WorkflowContext, path: string, tools: Pick<StepTools, 'attempt' | 'idempotencyKey'>) => void;

function actWith(hands: Hands): Act {
  return ({ runId }, path, { attempt, idempotencyKey }) =>
    hands.append({ runId, path, attempt, key: idempotencyKey, pid: process.pid, at: hands.now() });
}

export interface ChainInput {
  readonly steps: number;
  /** Every third step takes so long. */
  readonly ms: number;
}

/** Steps one after the other. */
function chain(hands: Hands) {
  const act = actWith(hands);
  return workflow({ name: 'chain' }, async (ctx, { steps, ms }: ChainInput): Promise<number> => {
    let sum = 0;
    for (let index = 0; index < steps; index += 1) {
      sum += await ctx.step(`s${index}`, async (tools) => {
        act(ctx, `s${index}`, tools);
        if (ms > 0 && index % 3 === 1) await hands.pause(ms);
        return index;
      });
    }
    return sum;
  });
}

/** Everything that a run can hold at once: a map, a retry, a sleep, a child, branches of which one fails. */
function tree(hands: Hands, child: ReturnType<typeof chain>) {
  const act = actWith(hands);
  return workflow(
    { name: 'tree' },
    async (ctx, { items }: { items: number }): Promise<readonly unknown[]> => {
      const step = (c: WorkflowContext, prefix: string, name: string): Promise<string> =>
        c.step(name, (tools) => {
          act(ctx, `${prefix}${name}`, tools);
          return name;
        });
      const first = await step(ctx, '', 'first');
      const list = Array.from({ length: items }, (_, index) => index);
      const mapped = await ctx.map('each', list, (item, c) => step(c, `each/item:${item}/`, 'work'));
      const again = { attempts: 3, initial: '20ms', max: '20ms', jitter: 0 } as const;
      const flaky = await ctx.step('flaky', (tools) => failAtFirst(act, ctx, tools), { retry: again });
      await ctx.sleep('nap', '20ms');
      const kid = await ctx.workflow(child, { steps: 2, ms: 0 }, { name: 'kid' });
      const both = await ctx.parallel(
        'both',
        { good: (c) => step(c, 'both/good/', 'one'), bad: (c) => failing(act, ctx, c) },
        { failFast: false },
      );
      const last = await step(ctx, '', 'last');
      return [first, mapped.length, flaky, kid, both.good.ok, both.bad.ok, last];
    },
  );
}

function failAtFirst(act: Act, ctx: WorkflowContext, tools: StepTools): string {
  act(ctx, 'flaky', tools);
  if (tools.attempt === 1) throw new Error('the first attempt fails');
  return 'flaky';
}

function failing(act: Act, ctx: WorkflowContext, c: WorkflowContext): Promise<never> {
  return c.step('two', (tools): never => {
    act(ctx, 'both/bad/two', tools);
    throw new TerminalError('this branch fails');
  });
}

/** A step, a message from outside, a step. */
function waiter(hands: Hands) {
  const act = actWith(hands);
  return workflow(
    { name: 'waiter' },
    async (ctx, { signals }: { signals: number }): Promise<readonly unknown[]> => {
      const got: unknown[] = [];
      await ctx.step('before', async (tools) => {
        act(ctx, 'before', tools);
        await hands.held();
      });
      for (let index = 0; index < signals; index += 1) {
        got.push(await ctx.signal('go'));
        await ctx.step(`got${index}`, (tools) => act(ctx, `got${index}`, tools));
      }
      return got;
    },
  );
}

/** A step that takes as long as the test wants, with messages that may come meanwhile. */
function held(hands: Hands) {
  const act = actWith(hands);
  return workflow(
    { name: 'held' },
    async (ctx, { signals }: { signals: number }): Promise<readonly unknown[]> => {
      const long = ctx.step('long', async (tools) => {
        act(ctx, 'long', tools);
        tools.signal.addEventListener('abort', () => hands.note(ABORTED), { once: true });
        await hands.held();
        return `by ${process.pid}`;
      });
      const got: unknown[] = [];
      for (let index = 0; index < signals; index += 1) {
        got.push(await ctx.signal('go'));
        await ctx.step(`got${index}`, (tools) => act(ctx, `got${index}`, tools));
      }
      return [await long, ...got];
    },
  );
}

interface RemoteInput {
  readonly steps: number;
  readonly isHeld?: boolean;
  /** The only attempt of each step may take so long. */
  readonly timeoutMs?: number;
}

/** Steps one after the other, each executed by whoever serves their queue. */
function remote() {
  return workflow(
    { name: 'remote' },
    async (ctx, { steps, isHeld = false, timeoutMs }: RemoteInput): Promise<number> => {
      let sum = 0;
      const limit = timeoutMs === undefined ? {} : ({ timeout: `${timeoutMs}ms`, retry: 'none' } as const);
      for (let index = 0; index < steps; index += 1)
        sum += await ctx.operation<number>(`r${index}`, 'fire', { isHeld }, limit);
      return sum;
    },
  );
}

export type Deploy = '1' | '2';

/** The same name in two deploys: each has steps of its own, in line and elsewhere, before and behind a message. */
function deployed(hands: Hands, version: Deploy) {
  const act = actWith(hands);
  return workflow(
    { name: 'deployed', version },
    async (ctx, { steps }: { steps: number }): Promise<readonly string[]> => {
      const done: string[] = [];
      const part = async (name: string): Promise<void> => {
        for (let index = 0; index < steps; index += 1)
          done.push(
            await ctx.step(`${name}${index}-of-${version}`, async (tools) => {
              act(ctx, `${name}${index}-of-${version}`, tools);
              await hands.pause(5);
              return `${name} of ${version}`;
            }),
          );
        if (version === '2') await ctx.operation(`${name}-away`, 'fire', {});
      };
      await part('first');
      done.push((await ctx.signal('go')) as string);
      await part('second');
      return done;
    },
  );
}

/** Two signals race a timer; whoever loses is heard all the same. */
function racer(hands: Hands) {
  const act = actWith(hands);
  return workflow(
    { name: 'racer' },
    async (ctx, { limitMs }: { limitMs: number }): Promise<readonly unknown[]> => {
      const both = Promise.all([ctx.signal('left'), ctx.signal('right')]);
      const timer = ctx.sleep('limit', `${limitMs}ms`);
      const winner = await Promise.race([both.then(() => 'signals'), timer.then(() => 'timer')]);
      await ctx.step(winner, (tools) => act(ctx, winner, tools));
      const heard = await both;
      await ctx.step('after', (tools) => act(ctx, 'after', tools));
      return heard;
    },
  );
}

/** A step that kills its worker, always: at once, or after a while, when its start is on the disk. */
function poison(hands: Hands) {
  const act = actWith(hands);
  return workflow({ name: 'poison' }, async (ctx, { ms }: { ms: number }): Promise<void> => {
    await ctx.step('harmless', (tools) => act(ctx, 'harmless', tools));
    await ctx.step('deadly', async (tools) => {
      act(ctx, 'deadly', tools);
      if (ms > 0) await hands.pause(ms);
      hands.die();
    });
  });
}

export interface OnceInput {
  readonly doesReconcile: boolean;
  /** How long the effect takes. */
  readonly ms: number;
}

/** An effect that must not happen twice, between two ordinary ones. */
function once(hands: Hands) {
  const act = actWith(hands);
  return workflow({ name: 'once' }, async (ctx, { doesReconcile, ms }: OnceInput): Promise<unknown> => {
    await ctx.step('before', (tools) => act(ctx, 'before', tools));
    const paid = await ctx.step(
      'pay',
      async (tools) => {
        act(ctx, 'pay', tools);
        if (ms > 0) await hands.pause(ms);
        return 'paid';
      },
      {
        atMostOnce: true,
        ...(doesReconcile ? { reconcile: ({ idempotencyKey }) => foundOf(hands, idempotencyKey) } : {}),
      },
    );
    await ctx.step('after', (tools) => act(ctx, 'after', tools));
    return paid;
  });
}

function foundOf(hands: Hands, key: string): { happened: true; output: string } | { happened: false } {
  return hands.knows(key) ? { happened: true, output: 'paid' } : { happened: false };
}

export type Ending = 'fails' | 'denied' | 'times out' | 'is late' | 'parks' | 'is cancelled' | 'throws';

/** Ends in every way in which a run can come to rest without success. */
function ending(hands: Hands) {
  const act = actWith(hands);
  return workflow({ name: 'ending' }, async (ctx, { how }: { how: Ending }): Promise<void> => {
    const step = (
      options: Parameters<WorkflowContext['step']>[2],
      work: (signal: AbortSignal) => unknown,
    ): Promise<unknown> =>
      ctx.step(
        'work',
        (tools) => {
          act(ctx, 'work', tools);
          return work(tools.signal);
        },
        options,
      );
    const fail = (): never => {
      throw new Error('it fails');
    };
    if (how === 'fails') await step({ retry: 'none' }, fail);
    if (how === 'parks') await step({ retry: { attempts: 2, initial: '1ms', onExhausted: 'park' } }, fail);
    if (how === 'times out') await step({ retry: 'none', timeout: '20ms' }, untilAborted);
    if (how === 'is late')
      await step({ deadline: '40ms', timeout: '15ms', retry: { attempts: 9, initial: '1ms' } }, untilAborted);
    if (how === 'denied') await ctx.approval('gate', { message: 'may it?' });
    if (how === 'is cancelled') await step({}, untilAborted);
    await step({}, () => undefined);
    throw new StepFailed({ class: 'terminal', code: 'THROWN', message: 'the function threw' });
  });
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
  });
}

export function crashWorkflows(hands: Hands, deploy: Deploy = '1'): readonly AnyWorkflow[] {
  const kid = chain(hands);
  return [
    kid,
    tree(hands, kid),
    waiter(hands),
    racer(hands),
    remote(),
    held(hands),
    poison(hands),
    once(hands),
    ending(hands),
    deployed(hands, deploy),
  ];
}
