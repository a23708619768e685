/** Promises of folding steps: attempts open and end, the first end counts, and what was paid adds up. */
import { describe, expect, test } from 'vitest';
import type { Delivery } from './delivery.ts';
import type { EventData, NewEvent } from './events.ts';
import { emptyState, fold } from './fold.ts';
import type { RunState, StepState } from './state.ts';

const usage = { inputTokens: 1, outputTokens: 2, costNanoUsd: 3 };
const ended = { endedAt: 50, durationMs: 7 };
const failure = '{"class":"retryable","code":"STEP_THREW","message":"oh"}';

interface Folded {
  readonly state: RunState;
  readonly step: StepState | undefined;
  readonly deliveries: readonly Delivery[];
}

/** Folds events, one every 1,000 ms, and looks at the step "a". */
function folded(events: readonly NewEvent[], history = true): Folded {
  const state = emptyState({ tenant: 'default', runId: 'r1' }, { history });
  const deliveries = events.flatMap((event, index) => {
    return fold(state, { ...event, seq: index + 1, at: (index + 1) * 1_000 }) ?? [];
  });
  return { state, step: state.steps.get('a'), deliveries };
}

function started(data: EventData<'step.started'> = {}, payload?: string): NewEvent {
  return { type: 'step.started', path: 'a', data, ...(payload === undefined ? {} : { payload }) };
}

function completed(data: Partial<EventData<'step.completed'>> = {}, payload = '1'): NewEvent {
  return { type: 'step.completed', path: 'a', data: { ...ended, ...data }, payload };
}

function retried(dueAt: number | null, data: Partial<EventData<'step.retried'>> = {}): NewEvent {
  return { type: 'step.retried', path: 'a', data: { ...ended, dueAt, ...data }, payload: failure };
}

function failed(data: Partial<EventData<'step.failed'>> = {}): NewEvent {
  return { type: 'step.failed', path: 'a', data: { ...ended, ...data }, payload: failure };
}

function lost(attempt = 1): NewEvent {
  return { type: 'step.lost', path: 'a', data: { attempt } };
}

function cancelled(data: Partial<EventData<'step.cancelled'>> = {}): NewEvent {
  return { type: 'step.cancelled', path: 'a', data: { reason: 'lost the race', ...data } };
}

const skipped: NewEvent = { type: 'step.skipped', path: 'a', data: { reason: 'not needed' } };

describe('a step', () => {
  test('begins with its first attempt, as a closure unless it says something else', () => {
    const start = { workerId: 'w1', after: { n: 2, since: 0 }, label: 'Lint', check: 'abc', at: 900 };
    expect(folded([started(start, '{"x":1}')]).step).toEqual({
      path: 'a',
      kind: 'step',
      status: 'running',
      attempt: 1,
      used: 0,
      label: 'Lint',
      after: { n: 2, since: 0 },
      check: 'abc',
      input: '{"x":1}',
      firstSeq: 1,
      firstStartedAt: 900,
      startedAt: 900,
      workerId: 'w1',
      usage: { inputTokens: 0, outputTokens: 0, costNanoUsd: 0 },
    });
    expect(folded([started({ kind: 'shell' })]).step).toMatchObject({ kind: 'shell', startedAt: 1_000 });
  });

  test('that completes is delivered with its output, its label, its usage and its time', () => {
    const { step, deliveries, state } = folded([started(), completed({ outcome: 'passed', usage }, '"out"')]);
    expect(step).toMatchObject({
      status: 'completed',
      outcome: 'passed',
      output: '"out"',
      used: 1,
      endedAt: 50,
    });
    expect(deliveries).toEqual([
      {
        path: 'a',
        kind: 'step',
        attempt: 1,
        outcome: 'passed',
        payload: '"out"',
        endedAt: 50,
        usage,
        durationMs: 7,
      },
    ]);
    expect(state).toMatchObject({ calls: 1, deliveries: 1, stepMs: 7, usage });
  });

  test('whose start was folded into its outcome is the same as one whose start stands alone', () => {
    const start = {
      at: 900,
      kind: 'http',
      after: { n: 0 },
      label: 'Get',
      check: 'c',
      workerId: 'w',
      input: '1',
    };
    const { at, input, ...rest } = start;
    const alone = folded([started({ ...rest, at }, input), completed()]);
    const within = folded([completed({ start })]);
    expect({ ...within.step, firstSeq: 1 }).toEqual(alone.step);
    expect(within.deliveries).toEqual(alone.deliveries);
    expect(within.state.calls).toBe(1);
  });

  test('whose folded start names no kind is a closure', () => {
    expect(folded([completed({ start: { at: 900 } })]).step).toMatchObject({ kind: 'step', startedAt: 900 });
  });

  test('that ends without a value has the payload of undefined', () => {
    const without: NewEvent = { type: 'step.completed', path: 'a', data: ended };
    expect(folded([started(), without]).deliveries[0]?.payload).toBe('');
  });

  test('that fails is delivered with its failure', () => {
    const { step, deliveries } = folded([started(), failed()]);
    expect(step).toMatchObject({ status: 'failed', outcome: 'failed', failure });
    expect(deliveries).toMatchObject([{ outcome: 'failed', payload: failure }]);
  });

  test('that is skipped or cancelled is delivered without a value', () => {
    expect(folded([started(), skipped])).toMatchObject({
      step: { status: 'skipped', outcome: 'skipped', endedAt: 2_000 },
      deliveries: [{ outcome: 'skipped', payload: '', endedAt: 2_000 }],
    });
    expect(folded([started(), cancelled({ usage })])).toMatchObject({
      step: { status: 'cancelled', outcome: 'cancelled', usage },
      deliveries: [{ outcome: 'cancelled', payload: '', endedAt: 2_000, usage }],
      state: { usage },
    });
  });

  test('that is cancelled while its start was not yet written is known by that start', () => {
    expect(folded([cancelled({ start: { at: 900 } })]).step).toMatchObject({
      status: 'cancelled',
      startedAt: 900,
    });
  });

  test('that shows progress goes on', () => {
    const progressed: NewEvent = { type: 'step.progressed', path: 'a', data: { index: 0 }, payload: '1' };
    expect(folded([started(), progressed])).toMatchObject({ step: { status: 'running' }, deliveries: [] });
  });
});

describe('an attempt', () => {
  test('that is to be tried again keeps the step open until its next one is due', () => {
    const { step, deliveries } = folded([started(), retried(60)]);
    expect(step).toMatchObject({ status: 'waiting', used: 1, dueAt: 60, failure, durationMs: 7 });
    expect(deliveries).toEqual([]);
  });

  test('opens the step again, and durations and usage of all attempts add up', () => {
    const { step, state } = folded([
      started({ workerId: 'w1' }),
      retried(60, { usage }),
      started({ attempt: 2, workerId: 'w2', kind: 'shell', label: 'ignored' }),
      completed({ attempt: 2, usage }),
    ]);
    expect(step).toMatchObject({
      attempt: 2,
      used: 2,
      durationMs: 14,
      workerId: 'w2',
      kind: 'step',
      firstSeq: 1,
    });
    expect(step?.usage).toEqual({ inputTokens: 2, outputTokens: 4, costNanoUsd: 6 });
    expect(step).not.toHaveProperty('dueAt');
    expect(state).toMatchObject({ calls: 1, stepMs: 14, usage: { inputTokens: 2 } });
  });

  test('that runs again is not due any more', () => {
    expect(folded([started(), retried(60), started({ attempt: 2 })]).step).not.toHaveProperty('dueAt');
  });

  test('whose start was never written is counted by its end', () => {
    expect(folded([started(), lost(), completed({ attempt: 2 })]).step).toMatchObject({
      attempt: 2,
      used: 1,
    });
  });

  test('that was lost is tried again at once and does not count', () => {
    expect(folded([started(), lost()]).step).toMatchObject({ status: 'waiting', dueAt: 0, used: 0 });
    expect(
      folded([started(), lost(), started({ attempt: 2 }), completed({ attempt: 2 })]).step,
    ).toMatchObject({
      status: 'completed',
      attempt: 2,
      used: 1,
    });
  });

  test('that waits for an operator is due when the operator says so, with its attempts given back', () => {
    const resumed: NewEvent = { type: 'run.resumed', data: { verb: 'retry' } };
    expect(folded([started(), retried(null), resumed]).step).toMatchObject({ dueAt: 3_000, used: 0 });
    expect(folded([started(), retried(99), resumed]).step).toMatchObject({ dueAt: 99, used: 1 });
  });

  test('that ended once does not end again: its usage counts, nothing else', () => {
    const { step, state } = folded([started(), retried(60, { usage }), retried(99, { usage }), lost()]);
    expect(step).toMatchObject({ status: 'waiting', used: 1, dueAt: 60, durationMs: 7 });
    expect(state).toMatchObject({ stepMs: 7, usage: { inputTokens: 2 } });
  });
});

describe('the first end of a step counts', () => {
  const late: readonly [what: string, event: NewEvent][] = [
    ['a completion', completed({ usage }, '2')],
    ['a completion with a start of its own', completed({ start: { at: 1 }, usage }, '2')],
    ['a failure', failed({ usage })],
    ['a retry', retried(99, { usage })],
    ['a start', started({ attempt: 2 })],
    ['a loss', lost()],
    ['a skip', skipped],
    ['a cancel', cancelled({ usage })],
    ['a cancel with a start of its own', cancelled({ start: { at: 1 }, usage })],
  ];

  test.each(late)('and %s behind it is void', (_what, event) => {
    const before = folded([started(), completed()]);
    const after = folded([started(), completed(), event]);
    const { usage: _own, ...rest } = after.step as StepState;
    expect(before.step).toMatchObject(rest);
    expect(after.deliveries).toEqual(before.deliveries);
    expect(after.state).toMatchObject({ calls: 1, stepMs: 7, deliveries: 1 });
  });

  test.each(late.filter(([, event]) => 'usage' in event.data))(
    'but %s behind it was paid',
    (_what, event) => {
      expect(folded([started(), completed(), event]).state.usage).toEqual(usage);
    },
  );

  test.each(late.filter(([, event]) => !('start' in event.data) && event.type !== 'step.started'))(
    'and %s of a step that nobody started is void',
    (_what, event) => {
      expect(folded([event])).toMatchObject({ step: undefined, deliveries: [], state: { calls: 0 } });
    },
  );
});

describe('a state without history', () => {
  test.each([
    ['completed', completed()],
    ['failed', failed()],
    ['skipped', skipped],
    ['cancelled', cancelled()],
  ])('forgets a step that has %s and keeps what it added', (_what, event) => {
    const { state, deliveries } = folded([started(), event], false);
    expect(state.steps.size).toBe(0);
    expect(state).toMatchObject({ calls: 1, deliveries: 1 });
    expect(deliveries).toEqual(folded([started(), event]).deliveries);
  });

  test('keeps a step that is open', () => {
    expect(folded([started(), retried(60)], false).step).toMatchObject({ status: 'waiting', dueAt: 60 });
  });
});

test('events of a step without a path are those of the path that is empty', () => {
  const started: NewEvent = { type: 'step.started', data: {} };
  const state = folded([started]).state;
  expect([...state.steps.keys()]).toEqual(['']);
});

describe('a step that begins and ends in one event', () => {
  const start = { at: 43, after: { n: 0 } };
  const bare: NewEvent = { type: 'step.completed', path: 'a', data: { ...ended, start } };

  test.each([
    completed({ start }),
    completed({ start: { ...start, kind: 'shell' }, outcome: 'odd', usage }),
    failed({ start, usage }),
    bare,
  ])('is the same to a state that forgets it at once ($type)', (event) => {
    const remembering = folded([event]);
    const forgetting = folded([event], false);
    expect(forgetting.deliveries).toEqual(remembering.deliveries);
    expect(forgetting.step).toBeUndefined();
    const { calls, deliveries, stepMs, usage: used } = remembering.state;
    expect(forgetting.state).toMatchObject({ calls, deliveries, stepMs, usage: used });
  });
});

describe('a step that is dispatched', () => {
  const scheduled = (data: Partial<EventData<'step.scheduled'>> = {}): NewEvent => ({
    type: 'step.scheduled',
    path: 'a',
    data: { queue: 'gpu', kind: 'shell', ...data },
    payload: '{"x":1}',
  });
  const begun = started({ queue: 'gpu', kind: 'shell', workerId: 'w2' });

  test('is pending until the worker that has its task begins, and is one call', () => {
    const waiting = folded([scheduled()]);
    expect(waiting.step).toMatchObject({
      status: 'pending',
      queue: 'gpu',
      attempt: 1,
      firstStartedAt: 1_000,
    });
    expect(waiting.step?.workerId).toBeUndefined();
    const running = folded([scheduled(), begun]);
    expect(running.step).toMatchObject({
      status: 'running',
      workerId: 'w2',
      input: '{"x":1}',
      startedAt: 2_000,
    });
    expect(running.step?.firstStartedAt).toBe(1_000);
    expect(running.state.calls).toBe(1);
  });

  test('is none any more once an attempt of it is executed by the driver', () => {
    const inline = started({ attempt: 2, kind: 'shell' });
    expect(folded([scheduled(), begun, lost(), inline]).step?.queue).toBeUndefined();
    expect(folded([started(), completed(), scheduled()]).step?.status).toBe('completed');
    expect(folded([scheduled({ needs: 'function:charge' })]).step?.needs).toBe('function:charge');
    const end = retried(9, { attempt: 2, start: { at: 1, kind: 'shell' } });
    expect(folded([scheduled(), begun, lost(), end]).step?.queue).toBeUndefined();
  });

  test('ends with what its worker records, whether it had begun or not', () => {
    expect(folded([scheduled(), begun, completed()]).deliveries).toMatchObject([
      { path: 'a', outcome: 'ok' },
    ]);
    expect(folded([scheduled(), failed()]).deliveries).toMatchObject([{ path: 'a', outcome: 'failed' }]);
    expect(folded([scheduled(), retried(9)]).step).toMatchObject({ status: 'waiting', dueAt: 9, used: 1 });
    expect(folded([scheduled(), begun, cancelled()], false).step).toBeUndefined();
  });

  test('counts the workers that died on it in a row, until something comes of an attempt or an operator steps in', () => {
    const again = [begun, lost(), scheduled({ attempt: 2 }), started({ queue: 'gpu', attempt: 2 }), lost(2)];
    expect(folded([scheduled(), ...again]).step).toMatchObject({
      status: 'waiting',
      dueAt: 0,
      used: 0,
      lost: 2,
    });
    expect(
      folded([scheduled(), ...again, scheduled({ attempt: 3 }), retried(9, { attempt: 3 })]).step?.lost,
    ).toBe(undefined);
    const resumed: NewEvent = { type: 'run.resumed', data: { verb: 'retry' } };
    expect(folded([scheduled(), ...again, resumed]).step?.lost).toBe(undefined);
  });

  test('of unknown fate is tried again once somebody knows that it did not happen', () => {
    const unknown = retried(null, { unknown: true });
    const step = folded([scheduled(), begun, unknown, lost()]).step;
    expect(step).toMatchObject({ status: 'waiting', dueAt: 0, used: 1 });
    expect(step?.isUnknown).toBeUndefined();
    expect(folded([scheduled(), begun, retried(7), lost()]).step).toMatchObject({ dueAt: 7 });
  });
});
