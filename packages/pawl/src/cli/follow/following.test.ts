/** Promises of what is said and shown about a run that somebody follows. */
import { describe, expect, test } from 'vitest';
import { foldAll, type NewEvent, type RunState, type StoredEvent } from '../../run/index.ts';
import { PLAIN } from '../view/style.ts';
import { parseDecision, parseValue } from './decision.ts';
import { eventWords } from './event-words.ts';
import { liveFrame } from './live-frame.ts';
import { outcomeJson, outcomeLines } from './outcome-report.ts';
import { standingOf } from './standing.ts';

const CREATED: NewEvent = {
  type: 'run.created',
  data: { workflow: 'ship', version: '1', digest: 'd', trigger: { kind: 'cli' } },
  payload: '{}',
};
const STARTED: NewEvent = { type: 'run.started', data: {} };
const WAITING: NewEvent = { type: 'run.waiting', data: {} };
const APPROVAL: NewEvent = {
  type: 'approval.requested',
  path: 'gate',
  data: { name: 'gate', message: 'Ship it?', reason: 'workflow' },
  payload: '{"to":"prod"}',
};
const FAILURE = '{"class":"retryable","code":"X","message":"no"}';

function stored(events: readonly NewEvent[]): StoredEvent[] {
  return events.map((event, index) => ({ ...event, seq: index + 1, at: 1_000 * (index + 1) }));
}

function stateOf(...events: readonly NewEvent[]): RunState {
  return foldAll({ tenant: 'default', runId: 'r1' }, stored([CREATED, STARTED, ...events]));
}

function childState(...events: readonly NewEvent[]): RunState {
  return foldAll({ tenant: 'default', runId: 'c1' }, stored([CREATED, STARTED, ...events]));
}

function standing(root: RunState, ...others: readonly RunState[]): string {
  const { kind, gates, heldBack } = standingOf(
    root,
    new Map([root, ...others].map((state) => [state.runId, state])),
  );
  return [kind, ...gates.map((gate) => `${gate.runId}:${gate.kind}:${gate.path}`), ...heldBack].join(' ');
}

const wait = (kind: 'sleep' | 'signal' | 'input', dueAt?: number): NewEvent => ({
  type: 'wait.opened',
  path: `my-${kind}`,
  data: { kind, name: `my-${kind}`, ...(dueAt === undefined ? {} : { dueAt }) },
});
const CHILD: NewEvent = {
  type: 'child.started',
  path: 'sub',
  data: { childRunId: 'c1', workflow: 'sub', version: '1' },
};

const said = (event: NewEvent): string | undefined => eventWords(stateOf(), { ...event, seq: 3, at: 1 });
const done = (path: string): NewEvent => ({
  type: 'step.completed',
  path,
  data: { start: { at: 1 }, endedAt: 2, durationMs: 3 },
  payload: '1',
});
const followed = (end: 'ended' | 'held' | 'interrupted', state: RunState) => ({
  end,
  state,
  standing: standingOf(state, new Map([['r1', state]])),
});

describe('a run', () => {
  test('moves while it is queued or something of it runs', () => {
    expect(standing(foldAll({ tenant: 'default', runId: 'r1' }, stored([CREATED])))).toBe('moving');
    expect(standing(stateOf(APPROVAL))).toBe('moving r1:approval:gate');
  });

  test.each<[string, NewEvent[]]>([
    ['it sleeps', [wait('sleep', 5), WAITING]],
    ['a signal it waits for has a time limit', [wait('signal', 5), WAITING]],
    [
      'an attempt is due later',
      [
        {
          type: 'step.retried',
          path: 'a',
          data: { start: { at: 1 }, endedAt: 1, durationMs: 1, dueAt: 9 },
          payload: FAILURE,
        },
        WAITING,
      ],
    ],
    [
      'it has just been woken',
      [APPROVAL, WAITING, { type: 'wait.resolved', path: 'gate', data: { outcome: 'approved' } }],
    ],
  ])('moves by itself where %s', (_why, events) => {
    expect(standing(stateOf(...events))).toMatch(/^moving/);
  });

  test.each<[string, NewEvent[], string]>([
    ['an approval', [APPROVAL, WAITING], 'held r1:approval:gate'],
    ['an answer', [wait('input'), WAITING], 'held r1:input:my-input'],
    ['a signal without a limit', [wait('signal'), WAITING], 'held r1:signal:my-signal'],
    ['an operator', [{ type: 'run.parked', data: { reason: 'diverged', message: 'm' } }], 'held r1'],
    ['whoever paused it', [{ type: 'run.paused', data: {} }], 'held r1'],
  ])('is held by %s', (_who, events, expected) => {
    expect(standing(stateOf(...events))).toBe(expected);
  });

  test('stands with its children: moving while one moves, held where all are held, with their questions', () => {
    const parent = stateOf(CHILD, WAITING);
    expect(standing(parent)).toBe('moving');
    expect(standing(parent, childState())).toBe('moving');
    expect(standing(parent, childState(APPROVAL, WAITING))).toBe('held c1:approval:gate');
    expect(standing(parent, childState(wait('sleep', 5), WAITING))).toBe('moving');
    expect(standing(parent, childState({ type: 'run.completed', data: {}, payload: '1' }))).toBe('moving');
  });

  test('has ended when its own log says so', () => {
    expect(standing(stateOf(APPROVAL, { type: 'run.cancelled', data: {} }))).toBe('ended');
  });
});

describe('a decision at the terminal', () => {
  test.each([
    ['y', { kind: 'approved' }],
    ['YES looks good', { kind: 'approved', comment: 'looks good' }],
    [' n  not today ', { kind: 'rejected', comment: 'not today' }],
    ['l', { kind: 'later' }],
    ['', undefined],
    ['maybe', undefined],
    ['constructor', undefined],
  ])('%j is %j', (typed, answer) => {
    expect(parseDecision(typed)).toEqual(answer);
  });
});

describe('an answer at the terminal', () => {
  test('is JSON, or the text itself where a text is wanted', () => {
    expect(parseValue('{"a":1}', undefined)).toEqual({ kind: 'value', value: { a: 1 } });
    expect(parseValue('blue', { type: 'string' })).toEqual({ kind: 'value', value: 'blue' });
    expect(parseValue('"blue"', { type: 'string' })).toEqual({ kind: 'value', value: 'blue' });
    expect(parseValue(' ', { type: 'string' })).toEqual({ kind: 'later' });
    expect(() => parseValue('blue', undefined)).toThrow('not JSON');
  });
});

describe('plain lines', () => {
  test.each<[NewEvent, string]>([
    [CREATED, 'run r1 of ship@1'],
    [
      { type: 'step.completed', path: 'a', data: { endedAt: 1, durationMs: 12, attempt: 2 }, payload: '1' },
      'done      a  12 ms  attempt 2',
    ],
    [
      { type: 'step.retried', path: 'a', data: { endedAt: 1, durationMs: 1, dueAt: 0 }, payload: FAILURE },
      'retry     a  X: no  next attempt at 1970-01-01T00:00:00Z',
    ],
    [
      { type: 'step.failed', path: 'a', data: { endedAt: 1, durationMs: 1 }, payload: FAILURE },
      'failed    a  X: no',
    ],
    [{ type: 'step.lost', path: 'a', data: {} }, 'lost      a  its worker died; it is tried again'],
    [APPROVAL, 'approval  gate  Ship it?'],
    [wait('sleep', 0), 'sleep     my-sleep  until 1970-01-01T00:00:00Z'],
    [
      { type: 'wait.resolved', path: 'gate', actor: 'ana', data: { outcome: 'approved' } },
      'approved  gate  by ana',
    ],
    [{ type: 'wait.expired', path: 'gate', data: { endedAt: 1 } }, 'expired   gate'],
    [CHILD, 'child     sub  run c1 of sub'],
    [
      {
        type: 'child.ended',
        path: 'sub',
        data: { childRunId: 'c1', status: 'failed', durationMs: 1 },
        payload: FAILURE,
      },
      'failed    sub  run c1',
    ],
    [{ type: 'run.parked', data: { reason: 'diverged', message: 'a\nb' } }, 'parked    diverged: a b'],
    [{ type: 'run.cancel_requested', actor: 'ana', data: {} }, 'cancel requested  by ana'],
  ])('%j', (event, line) => {
    expect(said(event)).toBe(line);
  });

  test('are not made of what only matters to machines', () => {
    expect([STARTED, WAITING, { type: 'run.completed', data: {}, payload: '1' } as const].map(said)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('the live view', () => {
  const options = { style: PLAIN, columns: 80, rows: 24, now: 4_500, frame: 0 };

  test('shows the run and its steps', () => {
    const state = stateOf(done('a'), { type: 'step.started', path: 'b', data: { at: 3_000 } });
    expect(liveFrame(state, new Map([['r1', state]]), options)).toEqual([
      'ship  r1  running  3.5 s',
      '  ✓ a     3 ms',
      '  ⠋ b    1.5 s',
    ]);
  });

  test('shows the steps of a child below it while it works', () => {
    const state = stateOf(CHILD);
    const child = childState(done('inner'));
    expect(
      liveFrame(
        state,
        new Map([
          ['r1', state],
          ['c1', child],
        ]),
        options,
      ).slice(1),
    ).toEqual(['  ⠋ sub        1.5 s  run c1', '  ✓   inner     3 ms']);
  });

  test('keeps what still changes where the terminal is too low for everything', () => {
    const many = Array.from({ length: 30 }, (_one, index) => done(`s${index}`));
    const state = stateOf({ type: 'step.started', path: 'first', data: { at: 3_000 } }, ...many);
    const lines = liveFrame(state, new Map([['r1', state]]), { ...options, rows: 8 });
    expect(lines).toHaveLength(7);
    expect(lines[1]).toBe('    … 26 more');
    expect(lines[2]).toContain('first');
    expect(lines[6]).toContain('s29');
  });
});

describe('the last words', () => {
  const options = {
    style: PLAIN,
    typed: (command: string) => `${command} --store sqlite:x`,
    goOn: 'pawl run f.ts --resume r1 --store sqlite:x',
  };

  test('of a completed run are its output', () => {
    const result = followed('ended', stateOf({ type: 'run.completed', data: {}, payload: '"done"' }));
    expect(outcomeLines(result, options)).toEqual(['completed after 2.0 s', '  done']);
    expect(outcomeJson(result, options)).toEqual({ runId: 'r1', status: 'completed', output: 'done' });
  });

  test('of a run that returned nothing are JSON all the same', () => {
    const result = followed('ended', stateOf({ type: 'run.completed', data: {}, payload: '' }));
    expect(outcomeJson(result, options)).toEqual({ runId: 'r1', status: 'completed', output: null });
  });

  test('of a failed run are its failure and where to look', () => {
    const result = followed(
      'ended',
      stateOf({ type: 'run.failed', data: { failedSteps: ['a'] }, payload: FAILURE }),
    );
    expect(outcomeLines(result, options)).toEqual([
      'failed after 2.0 s',
      '  X: no',
      '  pawl show r1 --store sqlite:x',
    ]);
    expect(outcomeJson(result, options)).toMatchObject({ status: 'failed', failure: { code: 'X' } });
  });

  test('J18 of a failed run name what its failure came of', () => {
    const payload =
      '{"class":"terminal","code":"X","message":"pay failed","cause":{"class":"terminal","code":"Y","message":"declined"}}';
    const result = followed('ended', stateOf({ type: 'run.failed', data: { failedSteps: ['a'] }, payload }));
    expect(outcomeLines(result, options)).toContain('  because of Y: declined');
  });

  test('of a cancelled run need no failure', () => {
    const result = followed('ended', stateOf({ type: 'run.cancelled', data: {} }));
    expect(outcomeJson(result, options)).toEqual({ runId: 'r1', status: 'cancelled', failure: null });
  });

  test('of a held run are the commands that move it', () => {
    const result = followed('held', stateOf(APPROVAL, WAITING));
    expect(outcomeLines(result, options)).toEqual([
      'run r1 waits, and nobody here can answer:',
      '  gate waits for an approval: Ship it?',
      '    pawl approve r1 gate --by NAME --store sqlite:x',
      'then it goes on with:',
      '  pawl run f.ts --resume r1 --store sqlite:x',
    ]);
    expect(outcomeJson(result, options)).toMatchObject({
      status: 'waiting',
      waits: [{ kind: 'approval', path: 'gate' }],
      goOn: options.goOn,
    });
  });

  test('of a parked run are the reason and where it is explained', () => {
    const result = followed(
      'held',
      stateOf({ type: 'run.parked', data: { reason: 'diverged', message: 'm' } }),
    );
    expect(outcomeLines(result, options)).toContain('  diverged: m');
    expect(outcomeLines(result, options)).toContain('    pawl why r1 --store sqlite:x');
    expect(outcomeJson(result, options)).toMatchObject({
      status: 'parked',
      parked: { reason: 'diverged' },
      heldBack: ['r1'],
    });
  });

  test('of an interrupted command are how to go on', () => {
    expect(outcomeLines(followed('interrupted', stateOf()), options).at(-1)).toBe(`  ${options.goOn}`);
  });
});
