/** The law of replay over random programs: a run that is cut anywhere and replayed goes on as if nothing had happened. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Command, Delivery } from '../run/index.ts';
import { handDriven, type HandDriven, type Recording } from '../testing/index.ts';
import type { WorkflowContext } from './context.ts';

// ---- programs

type Program =
  | {
      readonly do: 'step' | 'sleep' | 'signal' | 'child' | 'look' | 'show' | 'patch' | 'continue';
      readonly name: string;
    }
  | { readonly do: 'sequence' | 'all' | 'first' | 'any' | 'settled'; readonly parts: readonly Program[] }
  | { readonly do: 'race'; readonly name: string; readonly parts: readonly Program[] }
  | {
      readonly do: 'parallel';
      readonly name: string;
      readonly parts: readonly Program[];
      readonly failFast: boolean;
      readonly concurrency: number;
    }
  | {
      readonly do: 'map';
      readonly name: string;
      readonly body: Program;
      readonly items: number;
      readonly isTolerant: boolean;
      readonly concurrency: number;
    }
  | { readonly do: 'tolerate'; readonly body: Program };

const name = fc.constantFrom('a', 'b', 'c', 'd');
const one = (...kinds: (Program & { readonly name: string })['do'][]): fc.Arbitrary<Program> =>
  fc.record({ do: fc.constantFrom(...kinds), name }) as fc.Arbitrary<Program>;

const { program: part } = fc.letrec<{ program: Program }>((tie) => {
  const parts = fc.array(tie('program'), { minLength: 1, maxLength: 3 });
  return {
    program: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'program', depthSize: 'max' },
      { weight: 6, arbitrary: one('step') },
      { weight: 3, arbitrary: one('sleep', 'signal', 'child', 'look', 'show', 'patch') },
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constant('sequence' as const),
          parts: fc.array(tie('program'), { maxLength: 4 }),
        }),
      },
      { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('all', 'first', 'any', 'settled'), parts }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('race' as const), name, parts }) },
      {
        weight: 2,
        arbitrary: fc.record({
          do: fc.constant('parallel' as const),
          name,
          parts,
          failFast: fc.boolean(),
          concurrency: fc.integer({ min: 1, max: 3 }),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          do: fc.constant('map' as const),
          name,
          body: tie('program'),
          items: fc.nat(3),
          isTolerant: fc.boolean(),
          concurrency: fc.integer({ min: 1, max: 3 }),
        }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('tolerate' as const), body: tie('program') }) },
      { weight: 1, arbitrary: one('continue') },
    ),
  };
});

const programs: fc.Arbitrary<Program> = fc
  .array(part, { minLength: 2, maxLength: 5, size: 'max' })
  .map((parts) => ({ do: 'sequence', parts }));

/** What the code of a run saw, in the order in which it saw it. */
type Trace = string[];

async function call(
  part: Extract<Program, { readonly name: string }>,
  ctx: WorkflowContext,
): Promise<unknown> {
  switch (part.do) {
    case 'step':
      return await ctx.step(part.name, () => 1);
    case 'sleep':
      return await ctx.sleep(part.name, '1s');
    case 'signal':
      return await ctx.signal(part.name, undefined, { timeout: '1m' });
    case 'child':
      return await ctx.workflow('other', 1, { name: part.name });
    case 'look':
      return [ctx.now().getTime(), ctx.random(), ctx.uuid(), ctx.usage];
    case 'show':
      return ctx.set({ now: ctx.now().getTime() });
    case 'patch':
      return ctx.patched(part.name);
    case 'continue':
      return await ctx.continueAsNew(part.name);
    default:
      return undefined;
  }
}

async function perform(part: Program, ctx: WorkflowContext, trace: Trace): Promise<unknown> {
  const value = await resultOf(part, ctx, trace);
  trace.push(`${part.do}: ${JSON.stringify(value)}`);
  return value;
}

async function resultOf(part: Program, ctx: WorkflowContext, trace: Trace): Promise<unknown> {
  const inside = (inner: Program) => (c: WorkflowContext) => perform(inner, c, trace);
  const branches = (parts: readonly Program[]) =>
    Object.fromEntries(parts.map((inner, index) => [`branch-${index}`, inside(inner)]));
  switch (part.do) {
    case 'sequence': {
      const values: unknown[] = [];
      for (const inner of part.parts) values.push(await perform(inner, ctx, trace));
      return values;
    }
    case 'all':
      return await Promise.all(part.parts.map((inner) => perform(inner, ctx, trace)));
    case 'first':
      return await Promise.race(part.parts.map((inner) => perform(inner, ctx, trace)));
    case 'any':
      return await Promise.any(part.parts.map((inner) => perform(inner, ctx, trace)));
    case 'settled':
      return (await Promise.allSettled(part.parts.map((inner) => perform(inner, ctx, trace)))).map(
        (end) => end.status,
      );
    case 'race':
      return await ctx.race(part.name, branches(part.parts));
    case 'parallel': {
      const { concurrency, failFast } = part;
      return await ctx.parallel(part.name, branches(part.parts), { concurrency, failFast } as never);
    }
    case 'map': {
      const items = Array.from({ length: part.items }, (_, index) => index);
      const more = part.isTolerant ? { minSuccess: Math.floor(part.items / 2) } : {};
      return await ctx.map(part.name, items, (_item, c) => inside(part.body)(c), {
        concurrency: part.concurrency,
        ...more,
      });
    }
    case 'tolerate':
      try {
        return await perform(part.body, ctx, trace);
      } catch (error) {
        return `tolerated ${(error as { code?: string }).code ?? String(error)}`;
      }
    default:
      return await call(part, ctx);
  }
}

// ---- runs

/** What chance decides of one end: whose, and how. */
interface Roll {
  readonly pick: number;
  readonly isGood: boolean;
  readonly isCancelled: boolean;
}

const rolls = fc.array(
  fc.record({ pick: fc.nat(1_000), isGood: fc.nat(3).map((value) => value > 0), isCancelled: fc.boolean() }),
  { maxLength: 25, size: 'max' },
);

interface Told {
  readonly run: HandDriven;
  readonly trace: Trace;
}

function prepared(program: Program, recording: Recording | undefined, expectsAhead = false): Told {
  const trace: Trace = [];
  const fn = async (ctx: WorkflowContext): Promise<unknown> => await perform(program, ctx, trace);
  return { run: handDriven(fn, recording ? { recording, expectsAhead } : {}), trace };
}

const usage = { inputTokens: 3, outputTokens: 2, costNanoUsd: 1_000 };

/** How an open call ends: a sealed one may be cancelled, or its end may come just before that. */
async function endOne(run: HandDriven, roll: Roll): Promise<boolean> {
  const open = run.driver.openCalls;
  const target = open[roll.pick % Math.max(1, open.length)];
  if (!target || run.ending) return false;
  const isSealed = run.commands.some(
    (command) => command.type === 'CancelCalls' && command.paths.includes(target.path),
  );
  if (isSealed && roll.isCancelled) await run.end(target.path, 'cancelled');
  else if (target.kind === 'sleep') await run.end(target.path, 'resolved');
  else if (target.kind === 'signal')
    await run.end(target.path, roll.isGood ? 'received' : 'expired', roll.pick);
  else if (!roll.isGood) await run.fail(target.path);
  else await run.endWith(target.path, 'ok', { value: roll.pick, usage, durationMs: roll.pick });
  return true;
}

/** A log that a crash left behind, and what the live run did behind that place. */
interface Cut {
  readonly recording: Recording;
  readonly commandsBefore: number;
  readonly deliveriesBefore: number;
}

function cutOf(run: HandDriven): Cut {
  const { recording } = run;
  return { recording, commandsBefore: run.commands.length, deliveriesBefore: recording.deliveries.length };
}

/** Drives a program live to its end, or as far as the rolls go; every moment at which it could be cut is kept. */
async function live(
  program: Program,
  list: readonly Roll[],
): Promise<Told & { readonly cuts: readonly Cut[] }> {
  const told = prepared(program, undefined);
  await told.run.start();
  const cuts: Cut[] = [cutOf(told.run)];
  for (const roll of list) {
    const before = cutOf(told.run);
    if (!(await endOne(told.run, roll))) break;
    const delivered = told.run.deliveries.slice(0, before.deliveriesBefore + 1);
    // the end was recorded, and the process died before it could record what the function asked for then
    cuts.push({
      ...before,
      recording: { ...before.recording, deliveries: delivered },
      deliveriesBefore: delivered.length,
    });
    cuts.push(cutOf(told.run));
  }
  return { ...told, cuts };
}

/** Facts are written once; steps are asked for until they end, cancels and the end until they are recorded. */
function isFact(command: Command): boolean {
  return ['OpenWait', 'StartChild', 'RecordMarker', 'PatchState'].includes(command.type);
}

/** What a command asks for, unless it was cancelled: what is called and sealed in one breath need not be asked for. */
function wantedBy(commands: readonly Command[], type: 'facts' | 'steps'): string[] {
  const cancelled = new Set(
    commands.flatMap((command) => (command.type === 'CancelCalls' ? command.paths : [])),
  );
  const pathOf = (command: Command): string => {
    if (command.type === 'ScheduleStep') return command.step.path;
    if (command.type === 'OpenWait') return command.wait.path;
    return command.type === 'StartChild' ? command.child.path : '';
  };
  const isAsked = type === 'facts' ? isFact : (command: Command) => command.type === 'ScheduleStep';
  const asked = commands.filter((command) => isAsked(command) && !cancelled.has(pathOf(command)));
  return asked.map((command) => JSON.stringify(command)).sort();
}

async function deliverRest(run: HandDriven, deliveries: readonly Delivery[]): Promise<void> {
  for (const delivery of deliveries) await run.deliver(delivery);
}

describe('P2: a random program', () => {
  test('replayed from its whole log sees the same, asks for nothing early, and ends alike', async () => {
    await fc.assert(
      fc.asyncProperty(programs, rolls, fc.boolean(), async (program, list, expectsAhead) => {
        const first = await live(program, list);
        const again = prepared(program, first.run.recording, expectsAhead);
        await again.run.start();
        expect(again.run.driver.difference).toBeUndefined();
        expect(again.run.driver.missingCalls).toEqual([]);
        expect(again.run.early).toEqual([]);
        expect(again.run.deliveries).toEqual(first.run.deliveries);
        expect(again.trace).toEqual(first.trace);
        expect(again.run.driver.openCalls).toEqual(first.run.driver.openCalls);
        expect(again.run.ending).toEqual(first.run.ending);
        expect(again.run.commands.filter(isFact)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  test('cut anywhere and replayed goes on as if nothing had happened', async () => {
    await fc.assert(
      fc.asyncProperty(
        programs,
        rolls,
        fc.nat(1_000),
        fc.boolean(),
        async (...[program, list, at, expectsAhead]) => {
          const first = await live(program, list);
          const cut = first.cuts[at % first.cuts.length] as Cut;
          const again = prepared(program, cut.recording, expectsAhead);
          await again.run.start();
          await deliverRest(again.run, first.run.deliveries.slice(cut.deliveriesBefore));
          expect(again.run.early).toEqual([]);
          expect(again.trace).toEqual(first.trace);
          expect(again.run.ending).toEqual(first.run.ending);
          const rest = first.run.commands.slice(cut.commandsBefore);
          expect(wantedBy(again.run.commands, 'facts')).toEqual(wantedBy(rest, 'facts'));
          expect(wantedBy(again.run.commands, 'steps')).toEqual(
            expect.arrayContaining(wantedBy(rest, 'steps')),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  test('asks for each call once, cancels each call once, and ends once', async () => {
    await fc.assert(
      fc.asyncProperty(programs, rolls, async (program, list) => {
        const { run } = await live(program, list);
        const paths = run.recording.calls.map((recorded) => recorded.path);
        expect(new Set(paths).size).toBe(paths.length);
        const cancelled = run.commands.flatMap((command) =>
          command.type === 'CancelCalls' ? command.paths : [],
        );
        expect(new Set(cancelled).size).toBe(cancelled.length);
        const types = run.commands.map((command) => command.type);
        const ends = types.filter((type) => ['Complete', 'Fail', 'ContinueAsNew'].includes(type));
        expect(ends.length).toBeLessThan(2);
      }),
      { numRuns: 200 },
    );
  });
});
