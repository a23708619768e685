/** Promises of folding waits: the first end counts, and a signal reaches the oldest wait of its name or is kept. */
import { describe, expect, test } from 'vitest';
import type { Delivery } from './delivery.ts';
import type { EventData, NewEvent } from './events.ts';
import { emptyState, fold } from './fold.ts';
import type { RunState } from './state.ts';

interface Folded {
  readonly state: RunState;
  readonly deliveries: readonly Delivery[];
}

/** Folds events, one every 1,000 ms. */
function folded(events: readonly NewEvent[], history = true): Folded {
  const state = emptyState({ tenant: 'default', runId: 'r1' }, { history });
  const deliveries = events.flatMap((event, index) => {
    return fold(state, { ...event, seq: index + 1, at: (index + 1) * 1_000 }) ?? [];
  });
  return { state, deliveries };
}

function opened(
  path: string,
  kind: 'sleep' | 'signal' | 'input',
  more: Partial<EventData<'wait.opened'>> = {},
): NewEvent {
  return { type: 'wait.opened', path, data: { kind, name: path, ...more } };
}

function listening(path: string, name = 'go'): NewEvent {
  return opened(path, 'signal', { name });
}

function sent(payload: string, name = 'go'): NewEvent {
  return { type: 'signal.received', actor: 'ada', data: { name }, payload };
}

function expired(path: string): NewEvent {
  return { type: 'wait.expired', path, data: { endedAt: 70 } };
}

function cancelled(path: string, after = 0): NewEvent {
  return { type: 'wait.cancelled', path, data: { reason: 'lost the race', after } };
}

const asked: NewEvent = {
  type: 'approval.requested',
  path: 'gate',
  data: {
    name: 'gate',
    message: 'Ship?',
    approvers: ['ada'],
    reason: 'workflow',
    dueAt: 90,
    onTimeout: 'reject',
    label: 'Gate',
    after: { n: 1 },
    schema: { type: 'object' },
  },
  payload: '{"ref":"main"}',
};

function resolved(path: string, data: EventData<'wait.resolved'>, payload?: string): NewEvent {
  return { type: 'wait.resolved', path, actor: 'bob', data, ...(payload === undefined ? {} : { payload }) };
}

describe('a wait', () => {
  test('is known with everything that it was opened with', () => {
    expect(folded([asked]).state.waits.get('gate')).toEqual({
      path: 'gate',
      kind: 'approval',
      name: 'gate',
      status: 'open',
      label: 'Gate',
      after: { n: 1 },
      openedAt: 1_000,
      firstSeq: 1,
      dueAt: 90,
      message: 'Ship?',
      approvers: ['ada'],
      onTimeout: 'reject',
      schema: { type: 'object' },
      payload: '{"ref":"main"}',
    });
    expect(folded([opened('nap', 'sleep', { dueAt: 5 })]).state.waits.get('nap')).toMatchObject({
      kind: 'sleep',
      dueAt: 5,
    });
  });

  test('opened twice is one wait', () => {
    const { state } = folded([opened('nap', 'sleep', { dueAt: 5 }), opened('nap', 'sleep', { dueAt: 6 })]);
    expect(state).toMatchObject({ calls: 1 });
    expect(state.waits.get('nap')?.dueAt).toBe(5);
  });

  test.each([
    ['a sleep', opened('w', 'sleep'), resolved('w', { outcome: 'resolved', endedAt: 80 }), 'resolved', 80],
    ['an input', opened('w', 'input'), resolved('w', { outcome: 'answered' }, '5'), 'answered', 2_000],
    ['a signal that expires', opened('w', 'signal'), expired('w'), 'expired', 70],
    ['a wait whose scope is sealed', opened('w', 'sleep'), cancelled('w'), 'cancelled', 2_000],
  ])('is delivered when it ends: %s', (_what, opening, end, outcome, endedAt) => {
    const { state, deliveries } = folded([opening, end]);
    const payload = end.payload ?? '';
    expect(deliveries).toMatchObject([{ path: 'w', outcome, payload, endedAt }]);
    const status = outcome === 'expired' || outcome === 'cancelled' ? outcome : 'resolved';
    expect(state.waits.get('w')).toMatchObject({ status, outcome, value: payload, endedAt });
    expect(state).toMatchObject({ calls: 1, deliveries: 1 });
  });

  test.each([
    ['resolved', resolved('w', { outcome: 'answered' }, '9')],
    ['expired', expired('w')],
    ['cancelled', cancelled('w')],
    ['opened', opened('w', 'input')],
  ])('that has ended cannot be %s any more', (_what, late) => {
    const before = folded([opened('w', 'input'), resolved('w', { outcome: 'answered' }, '1')]);
    const after = folded([opened('w', 'input'), resolved('w', { outcome: 'answered' }, '1'), late]);
    expect(after.state.waits).toEqual(before.state.waits);
    expect(after.deliveries).toEqual(before.deliveries);
    expect(folded([late], false).deliveries).toEqual([]);
  });

  test('is forgotten when it has ended, in a state without history', () => {
    const { state, deliveries } = folded(
      [opened('w', 'input'), resolved('w', { outcome: 'answered' })],
      false,
    );
    expect(state.waits.size).toBe(0);
    expect(deliveries).toHaveLength(1);
  });

  test('without a path is that of the path that is empty', () => {
    const nowhere: NewEvent = { type: 'wait.opened', data: { kind: 'sleep', name: 'n' } };
    expect([...folded([nowhere]).state.waits.keys()]).toEqual(['']);
  });
});

describe('an approval', () => {
  test('tells who decided and what they said', () => {
    const vote: NewEvent = {
      type: 'approval.decided',
      path: 'gate',
      actor: 'ada',
      data: { decision: 'approved', comment: 'go on' },
    };
    const end: NewEvent = { type: 'wait.resolved', path: 'gate', data: { outcome: 'approved' } };
    expect(folded([asked, vote, end]).deliveries).toEqual([
      {
        path: 'gate',
        kind: 'approval',
        outcome: 'approved',
        payload: '',
        endedAt: 3_000,
        by: 'ada',
        comment: 'go on',
      },
    ]);
  });

  test('tells who ended it where that says so itself', () => {
    expect(
      folded([asked, resolved('gate', { outcome: 'rejected', comment: 'no' })]).deliveries,
    ).toMatchObject([{ outcome: 'rejected', by: 'bob', comment: 'no' }]);
  });

  test('takes no vote after its end, and none before its beginning', () => {
    const vote: NewEvent = {
      type: 'approval.decided',
      path: 'gate',
      actor: 'eve',
      data: { decision: 'rejected' },
    };
    const { state } = folded([vote, asked, resolved('gate', { outcome: 'approved' }), vote]);
    expect(state.waits.get('gate')).toMatchObject({ outcome: 'approved', by: 'bob' });
  });
});

describe('a signal', () => {
  test('reaches the oldest open wait of its name', () => {
    const { state, deliveries } = folded([listening('a'), listening('b'), sent('1'), sent('2')]);
    expect(deliveries).toMatchObject([
      { path: 'a', kind: 'signal', outcome: 'received', payload: '1', endedAt: 3_000, by: 'ada' },
      { path: 'b', payload: '2' },
    ]);
    expect(state.openSignals.size).toBe(0);
  });

  test('reaches no wait of another name', () => {
    const { state, deliveries } = folded([listening('a', 'go'), sent('1', 'stop')]);
    expect(deliveries).toEqual([]);
    expect(state.signals.get('stop')).toEqual([{ seq: 2, at: 2_000, payload: '1', actor: 'ada' }]);
    expect(state.openSignals.get('go')).toEqual(['a']);
  });

  test('P4: that nobody waits for yet is delivered when somebody does, oldest first', () => {
    const { state, deliveries } = folded([sent('1'), sent('2'), sent('3'), listening('a'), listening('b')]);
    expect(deliveries).toMatchObject([
      { path: 'a', payload: '1', endedAt: 4_000, by: 'ada' },
      { path: 'b', payload: '2', endedAt: 5_000 },
    ]);
    expect(state.signals.get('go')).toMatchObject([{ payload: '3' }]);
    expect(folded([sent('1'), listening('a')]).state.signals.size).toBe(0);
  });

  test('P4: that comes after the timeout is kept for the next wait', () => {
    const { deliveries } = folded([listening('a'), expired('a'), sent('1'), listening('a#2')]);
    expect(deliveries).toMatchObject([
      { path: 'a', outcome: 'expired' },
      { path: 'a#2', outcome: 'received', payload: '1' },
    ]);
  });

  test('P4: that comes before the timeout counts, and the timeout does not', () => {
    const { deliveries } = folded([listening('a'), sent('1'), expired('a')]);
    expect(deliveries).toMatchObject([{ path: 'a', outcome: 'received', payload: '1' }]);
  });

  test('without a value has the payload of undefined', () => {
    const bare: NewEvent = { type: 'signal.received', data: { name: 'go' } };
    expect(folded([listening('a'), bare]).deliveries).toMatchObject([{ payload: '' }]);
  });
});

describe.each([
  ['with history', true],
  ['without history', false],
])('the scope of a wait is sealed, in a state %s', (_what, history) => {
  test('and the wait takes no signal any more', () => {
    const { deliveries } = folded([listening('r/a'), cancelled('r/a'), sent('1'), listening('b')], history);
    expect(deliveries).toMatchObject([
      { path: 'r/a', outcome: 'cancelled' },
      { path: 'b', payload: '1' },
    ]);
  });

  test('after its signal was seen: the signal is consumed', () => {
    const { state, deliveries } = folded([listening('r/a'), sent('1'), cancelled('r/a', 1)], history);
    expect(deliveries).toHaveLength(1);
    expect(state.signals.size).toBe(0);
  });

  test('before its signal was seen: the signal goes back to where it stood', () => {
    const { state } = folded([listening('r/a'), sent('1'), sent('2'), cancelled('r/a', 0)], history);
    expect(state.signals.get('go')).toMatchObject([
      { seq: 2, at: 2_000, payload: '1', actor: 'ada' },
      { seq: 3, payload: '2' },
    ]);
  });

  test('before its signal was seen: a wait that is open takes it', () => {
    const { deliveries, state } = folded(
      [listening('r/a'), listening('b'), sent('1'), cancelled('r/a', 0)],
      history,
    );
    expect(deliveries).toMatchObject([
      { path: 'r/a', payload: '1' },
      { path: 'b', payload: '1', by: 'ada', endedAt: 4_000 },
    ]);
    expect(state.deliveries).toBe(2);
  });

  test('twice: the signal goes back once', () => {
    const { state } = folded([listening('r/a'), sent('1'), cancelled('r/a'), cancelled('r/a')], history);
    expect(state.signals.get('go')).toHaveLength(1);
  });

  test('in between other signals: the buffer stays in the order in which they came', () => {
    const { state } = folded(
      [
        listening('r/a'),
        listening('r/b'),
        sent('1'),
        sent('2'),
        sent('3'),
        cancelled('r/b'),
        cancelled('r/a'),
      ],
      history,
    );
    expect(state.signals.get('go')?.map((signal) => signal.payload)).toEqual(['1', '2', '3']);
  });

  test('while a wait stands outside of every scope, as those of a graph do: its signal goes back too', () => {
    const { state } = folded([listening('a'), sent('1'), cancelled('a', 0)], history);
    expect(state.signals.get('go')).toHaveLength(1);
  });
});

test('a wait that gave its signal back shows nothing of it', () => {
  const { state } = folded([listening('r/a'), sent('1'), cancelled('r/a', 0)]);
  expect(state.waits.get('r/a')).toMatchObject({
    status: 'cancelled',
    outcome: 'cancelled',
    value: '',
    by: undefined,
  });
});

test('a state without history forgets such a wait when a later call shows that its signal was seen', () => {
  const kept = (...events: NewEvent[]): readonly string[] => {
    const received = [listening('r/a'), sent('1'), listening('r/b'), sent('2')];
    return [...folded([...received, ...events], false).state.waits.keys()];
  };
  const step: NewEvent = { type: 'step.started', path: 's', data: { after: { n: 1 } } };
  const start = { at: 1, after: { n: 2 } };
  const late: NewEvent = { type: 'step.completed', path: 's', data: { start, endedAt: 1, durationMs: 0 } };
  expect(kept()).toEqual(['r/a', 'r/b']);
  expect(kept(step)).toEqual(['r/b']);
  expect(kept(late)).toEqual([]);
  expect(kept(cancelled('r/a', 0), late)).toEqual([]);
});

test('a state without history keeps a wait only while its signal may have to go back', () => {
  expect(folded([listening('r/a'), sent('1')], false).state.waits.size).toBe(1);
  expect(folded([listening('r/a'), sent('1'), cancelled('r/a')], false).state.waits.size).toBe(0);
  expect(folded([listening('r/a'), cancelled('r/a')], false).state.waits.size).toBe(0);
  expect(folded([listening('r/a'), expired('r/a')], false).state.waits.size).toBe(0);
  expect(folded([listening('a'), sent('1')], false).state.waits.size).toBe(1);
});
