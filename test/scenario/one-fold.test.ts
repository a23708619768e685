/** There is one reducer: what the API shows, what the rows say and what a worker holds are one fold of one log. */
import * as fc from 'fast-check';
import { pawl, workflow } from 'pawl';
import { type FakePlatform, fakePlatform } from 'pawl/testing';
import { describe, expect, test } from 'vitest';
import { runView } from '../../packages/pawl/src/engine/views.ts';
import {
  emptyState,
  fold,
  foldAll,
  isOpenStep,
  type RunState,
  type StoredEvent,
} from '../../packages/pawl/src/run/index.ts';
import type { Batch, CommitAnswer, RunRow, Store } from '../../packages/pawl/src/store/index.ts';
import { openBetween } from './support/between-store.ts';
import { openEngine, START } from './support/opened-engine.ts';
import { type Program, programs, programWorkflow } from './support/random-programs.ts';

/** Every run that a group of commits wrote to. */
function runsOf(batches: readonly Batch[], answers: readonly CommitAnswer[]): readonly string[] {
  const ids = new Set(batches.map((batch) => batch.run.runId));
  for (const answer of answers) {
    if (answer.type === 'refused') continue;
    for (const run of [...answer.touched, ...answer.created.map((created) => created.run)])
      ids.add(run.runId);
  }
  return [...ids];
}

/** The fold of a worker, which forgets what is over, event by event. */
function foldWithoutHistory(row: RunRow, events: readonly StoredEvent[]): RunState {
  const state = emptyState(row.run, { history: false });
  for (const event of events) fold(state, event);
  return state;
}

function openPaths(state: RunState): readonly string[] {
  return [
    ...[...state.steps.values()].filter(isOpenStep).map((step) => step.path),
    ...[...state.waits.values()].filter((wait) => wait.status === 'open').map((wait) => wait.path),
    ...[...state.children.values()].filter((child) => child.status === 'running').map((child) => child.path),
  ].toSorted();
}

function summaryOf(state: RunState) {
  const { status, lastSeq, usage, stepMs, calls, deliveries, output, failure, shown, parked } = state;
  return { status, lastSeq, usage, stepMs, calls, deliveries, output, failure, shown, parked };
}

/** Compares row, fold from zero and fold without history; throws the difference. */
async function compare(store: Store, runId: string): Promise<void> {
  const row = await store.getRun('default', runId);
  if (!row) return;
  const events = await store.readEvents(row.run, 0, 100_000);
  const zero = foldAll(row.run, events);
  const lean = foldWithoutHistory(row, events);
  expect(summaryOf(lean)).toEqual(summaryOf(zero));
  expect(openPaths(lean)).toEqual(openPaths(zero));
  expect({ status: row.status, lastSeq: row.lastSeq, usage: row.usage, parked: row.parkReason }).toEqual({
    status: zero.status,
    lastSeq: zero.lastSeq,
    usage: zero.usage,
    parked: zero.parked?.reason,
  });
  const listed = await store.listWaits({ tenant: 'default', runId, limit: 1_000 });
  const open = [...zero.waits.values()].filter((wait) => wait.status === 'open').map((wait) => wait.path);
  expect(listed.map((wait) => wait.path)).toEqual(expect.arrayContaining(open));
  expect(listed.filter((wait) => wait.kind !== 'signal' && !open.includes(wait.path))).toEqual([]);
}

/** What people do to a run while it goes on. */
async function meddle(engine: Awaited<ReturnType<typeof pawl.open>>, platform: FakePlatform): Promise<void> {
  await platform.advance(5);
  await engine.signal('run', 'signal', 1).catch(() => undefined);
  await engine.pause('run').catch(() => undefined);
  await platform.advance(2_000);
  await engine.approve('run', undefined, { by: 'ada' }).catch(() => undefined);
  await engine.resume('run').catch(() => undefined);
  await platform.advance(3_000);
  await engine.signal('run', 'signal', 2).catch(() => undefined);
  await engine.reject('run', undefined, { by: 'ada' }).catch(() => undefined);
  await platform.advance(200_000);
}

/** Drives a program to its end, comparing after every commit; at the end the API is compared too. */
async function drive(program: Program, isCancelled: boolean): Promise<void> {
  const platform = fakePlatform({ startMs: START });
  let compared = 0;
  const problems: unknown[] = [];
  const { store, inner } = await openBetween(platform, {
    after: async (batches, answers, written) => {
      for (const runId of runsOf(batches, answers)) {
        compared++;
        await compare(written, runId).catch((error: unknown) => problems.push(error));
      }
    },
  });
  const engine = await pawl.open({ store, workflows: [programWorkflow], platform });
  await engine.start('program', program, { id: 'run' });
  if (isCancelled) {
    await platform.advance(300);
    await engine.cancel('run').catch(() => undefined);
  }
  await meddle(engine, platform);
  expect(problems).toEqual([]);
  expect(compared).toBeGreaterThan(1);
  for (const summary of await engine.runs.list({ limit: 1_000 })) {
    const row = await inner.getRun('default', summary.runId);
    if (!row) throw new Error(`no row of ${summary.runId}`);
    const state = foldAll(row.run, await inner.readEvents(row.run, 0, 100_000));
    const view = await engine.runs.get(summary.runId);
    expect(view).toEqual(runView(row, state, { isDriven: true, nowMs: 0 }));
    expect(view).toMatchObject(summary);
    expect(['completed', 'failed', 'cancelled']).toContain(view.status);
  }
  const closing = engine.close();
  await platform.advance(15_000);
  await closing;
}

describe('J20: the state of a run', () => {
  test('is the same in its row, in the API and in every fold, after each commit of any program', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(programs, { minLength: 2, maxLength: 5 }),
        fc.boolean(),
        async (parts, isCancelled) => {
          await drive({ do: 'sequence', parts }, isCancelled);
        },
      ),
      { numRuns: 60, seed: 20_260_101, endOnFailure: true },
    );
  });

  test('shows a parked run alike in lists and in detail', async () => {
    const { engine, platform } = await openEngine([parking]);
    await engine.start('parking', null, { id: 'run' });
    await platform.advance(100);
    const [summary] = await engine.runs.list({ status: ['parked'] });
    const view = await engine.runs.get('run');
    expect(summary).toMatchObject({ runId: 'run', status: 'parked', parkReason: 'retries_exhausted' });
    expect(view).toMatchObject({ ...summary });
    await engine.retry('run');
    expect((await engine.runs.list())[0]).not.toHaveProperty('parkReason');
  });

  test('is merged nowhere: what the run shows of itself is the last that it set, whole', async () => {
    const { engine, platform } = await openEngine([showing]);
    const run = await engine.start('showing', null, { id: 'run' });
    await platform.advance(100);
    expect((await engine.runs.get('run')).shown).toEqual({ phase: 2, nested: { b: 1 } });
    await platform.advance(60_000);
    expect(await run.result()).toBe('done');
    expect((await engine.runs.get('run')).shown).toEqual({ phase: 2, nested: { b: 1 } });
  });
});

const parking = workflow({ name: 'parking' }, (ctx) =>
  ctx.step('a', () => Promise.reject(new Error('no')), { retry: { attempts: 1, onExhausted: 'park' } }),
);

const showing = workflow({ name: 'showing' }, async (ctx) => {
  ctx.set({ phase: 1, only: true, nested: { a: 1 } });
  await ctx.step('a', () => 1);
  ctx.set({ phase: 2, nested: { b: 1 } });
  await ctx.sleep('rest', '30s');
  return 'done';
});
