/** Promises of folding child runs: opened once, ended once, and what they used counts for their parent. */
import { describe, expect, test } from 'vitest';
import type { EventData, NewEvent, StoredEvent } from './events.ts';
import { emptyState, fold, foldAll } from './fold.ts';
import type { RunState } from './state.ts';

const run = { tenant: 'default', runId: 'r1' };
const usage = { inputTokens: 1, outputTokens: 2, costNanoUsd: 3 };
const started: NewEvent = {
  type: 'child.started',
  path: 'fix',
  data: { childRunId: 'c1', workflow: 'fix-it', version: '2', label: 'Fix', after: { n: 3 } },
};

function ended(data: Partial<EventData<'child.ended'>> = {}, payload = '"done"'): NewEvent {
  const plain = { childRunId: 'c1', status: 'completed', durationMs: 40 } as const;
  return { type: 'child.ended', path: 'fix', data: { ...plain, ...data }, payload };
}

function stored(events: readonly NewEvent[]): StoredEvent[] {
  return events.map((event, index) => ({ ...event, seq: index + 1, at: (index + 1) * 1_000 }));
}

function folded(...events: NewEvent[]): RunState {
  return foldAll(run, stored(events));
}

describe('a child run', () => {
  test('runs from its opening on', () => {
    const state = folded(started);
    expect(state.children.get('fix')).toEqual({
      path: 'fix',
      childRunId: 'c1',
      workflow: 'fix-it',
      version: '2',
      label: 'Fix',
      after: { n: 3 },
      startedAt: 1_000,
      firstSeq: 1,
      status: 'running',
    });
    expect(state).toMatchObject({ calls: 1, status: 'running' });
  });

  test('opened twice is one child', () => {
    const again: NewEvent = { ...started, data: { childRunId: 'c2', workflow: 'x', version: '1' } };
    expect(folded(started, again)).toMatchObject({ calls: 1 });
    expect(folded(started, again).children.get('fix')?.childRunId).toBe('c1');
  });

  test.each([
    ['completed', 'ok'],
    ['failed', 'failed'],
    ['cancelled', 'cancelled'],
  ] as const)('that has %s is delivered as %s', (status, outcome) => {
    const [first, second] = stored([started, ended({ status, usage })]) as [StoredEvent, StoredEvent];
    const state = emptyState(run);
    fold(state, first);
    expect(fold(state, second)).toEqual({
      path: 'fix',
      kind: 'workflow',
      outcome,
      payload: '"done"',
      endedAt: 2_000,
      usage,
      durationMs: 40,
      childRunId: 'c1',
    });
    expect(state.children.get('fix')).toMatchObject({
      status,
      endedAt: 2_000,
      durationMs: 40,
      result: '"done"',
      usage,
    });
    expect(state).toMatchObject({ usage, deliveries: 1 });
  });

  test('that says nothing has the payload of undefined and used nothing', () => {
    const silent: NewEvent = {
      type: 'child.ended',
      path: 'fix',
      data: { childRunId: 'c1', status: 'completed', durationMs: 0 },
    };
    expect(folded(started, silent).children.get('fix')).toMatchObject({ result: '' });
    expect(folded(started, silent).usage.inputTokens).toBe(0);
  });

  test('ends once: a second end, and one of a child that nobody started, is void', () => {
    const state = folded(started, ended({ usage }), ended({ status: 'failed', usage }));
    expect(state).toMatchObject({ deliveries: 1, usage });
    expect(state.children.get('fix')?.status).toBe('completed');
    expect(folded(ended({ usage }))).toMatchObject({ deliveries: 0, usage: { inputTokens: 0 } });
  });

  test('is forgotten at its end in a state without history', () => {
    const state = foldAll(run, stored([started, ended({ usage })]), { history: false });
    expect(state.children.size).toBe(0);
    expect(state).toMatchObject({ calls: 1, deliveries: 1, usage });
  });

  test('without a path is that of the path that is empty', () => {
    const { path: _path, ...nowhere } = started;
    expect([...folded(nowhere as NewEvent).children.keys()]).toEqual(['']);
  });
});
