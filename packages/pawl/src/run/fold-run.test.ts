/** Promises of folding what happens to a run as a whole. */
import { describe, expect, test } from 'vitest';
import type { NewEvent } from './events.ts';
import { foldAll } from './fold.ts';
import type { RunState } from './state.ts';

const created: NewEvent = {
  type: 'run.created',
  actor: 'ada',
  data: { workflow: 'w', version: '1', digest: 'd', trigger: { kind: 'api' }, unparsed: true },
  payload: '{"n":"1"}',
};
const parked: NewEvent = {
  type: 'run.parked',
  data: { reason: 'retries_exhausted', path: 'a', message: 'used up' },
  payload: '"details"',
};
const paused: NewEvent = { type: 'run.paused', data: {} };

function folded(...events: NewEvent[]): RunState {
  const stored = events.map((event, index) => ({ ...event, seq: index + 1, at: (index + 1) * 1_000 }));
  return foldAll({ tenant: 'default', runId: 'r1' }, stored);
}

function resumed(verb: 'resume' | 'retry' | 'answer'): NewEvent {
  return { type: 'run.resumed', data: { verb } };
}

describe('a run', () => {
  test('is what it was created as', () => {
    expect(folded(created)).toMatchObject({
      status: 'queued',
      created: { workflow: 'w', version: '1', digest: 'd', at: 1_000, actor: 'ada', unparsed: true },
      input: '{"n":"1"}',
    });
  });

  test('has the input that its first holder parsed, and the time of its first start', () => {
    const started: NewEvent = { type: 'run.started', data: { parsed: true }, payload: '{"n":1}' };
    const again: NewEvent = { type: 'run.started', data: {}, payload: '"ignored"' };
    expect(folded(created, started, again)).toMatchObject({ input: '{"n":1}', startedAt: 2_000 });
  });

  test('without an input has the payload of undefined', () => {
    const { payload: _payload, ...bare } = created;
    const parsed: NewEvent = { type: 'run.started', data: { parsed: true } };
    expect(folded(bare as NewEvent).input).toBe('');
    expect(folded(created, parsed).input).toBe('');
  });

  test('that is parked says why, since when and on what', () => {
    expect(folded(created, parked)).toMatchObject({
      status: 'parked',
      parked: { reason: 'retries_exhausted', path: 'a', message: 'used up', detail: '"details"', at: 2_000 },
    });
  });

  test.each(['resume', 'retry', 'answer'] as const)('is let go by %s', (verb) => {
    for (const held of [parked, paused]) {
      const state = folded(created, held, resumed(verb));
      expect(state.status).toBe('queued');
      expect(state).not.toHaveProperty('parked');
      expect(state).not.toHaveProperty('pausedAt');
    }
  });

  test('that is paused knows since when', () => {
    expect(folded(created, paused)).toMatchObject({ status: 'paused', pausedAt: 2_000 });
  });

  test('that is to be cancelled remembers who asked first, and is let go for it', () => {
    const asked: NewEvent = { type: 'run.cancel_requested', actor: 'bob', data: { reason: 'late' } };
    const again: NewEvent = { type: 'run.cancel_requested', actor: 'eve', data: {} };
    const state = folded(created, parked, paused, asked, again);
    expect(state).toMatchObject({
      status: 'queued',
      cancelRequested: { at: 4_000, actor: 'bob', reason: 'late' },
    });
    expect(state).not.toHaveProperty('parked');
    expect(state).not.toHaveProperty('pausedAt');
  });

  test('that waits says so', () => {
    expect(folded(created, { type: 'run.waiting', data: { dueAt: 5 } }).status).toBe('waiting');
  });

  test('that has completed holds its output, and the run that goes on for it', () => {
    const done: NewEvent = { type: 'run.completed', data: {}, payload: '7' };
    expect(folded(created, done)).toMatchObject({ status: 'completed', endedAt: 2_000, output: '7' });
    expect(folded(created, done)).not.toHaveProperty('continuedTo');
    const continued: NewEvent = { type: 'run.completed', data: { continuedTo: 'r2' } };
    expect(folded(created, continued)).toMatchObject({ output: '', continuedTo: 'r2' });
  });

  test('that has failed holds its failure and the steps that failed', () => {
    const failed: NewEvent = {
      type: 'run.failed',
      data: { failedSteps: ['a', 'b'] },
      payload: '{"code":"X"}',
    };
    expect(folded(created, failed)).toMatchObject({
      status: 'failed',
      endedAt: 2_000,
      failure: '{"code":"X"}',
      failedSteps: ['a', 'b'],
    });
    const bare: NewEvent = { type: 'run.failed', data: { failedSteps: [] } };
    expect(folded(created, bare).failure).toBe('');
  });

  test('that was cancelled knows when', () => {
    expect(folded(created, { type: 'run.cancelled', data: {} })).toMatchObject({
      status: 'cancelled',
      endedAt: 2_000,
    });
  });
});

describe('a retry', () => {
  const held = (path: string, unknown?: true): NewEvent => ({
    type: 'step.retried',
    path,
    data: { endedAt: 1, durationMs: 1, dueAt: null, start: { at: 1 }, ...(unknown ? { unknown } : {}) },
    payload: '{}',
  });

  test('that names a step gives it new attempts, and no other', () => {
    const retry: NewEvent = { type: 'run.resumed', data: { verb: 'retry', path: 'b' } };
    const { steps } = folded(created, held('a'), held('b', true), retry);
    expect([steps.get('a')?.dueAt, steps.get('b')?.dueAt]).toEqual([null, 4_000]);
  });

  test('that names none gives them to every step but those of an unknown fate', () => {
    const { steps } = folded(created, held('a'), held('b', true), resumed('retry'));
    expect([steps.get('a')?.dueAt, steps.get('b')?.dueAt]).toEqual([4_000, null]);
  });
});

test('a limit of steps that an operator sets holds until another one is set', () => {
  const limited: NewEvent = { type: 'run.resumed', data: { verb: 'resume', maxSteps: 50 } };
  expect(folded(created, limited, resumed('resume')).maxSteps).toBe(50);
});
