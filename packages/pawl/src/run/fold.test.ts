/** Promises of the one reducer: however a log is folded, it comes to the same, and what is damaged is named. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Delivery } from './delivery.ts';
import type { NewEvent, StoredEvent } from './events.ts';
import { emptyState, fold, foldAll } from './fold.ts';
import { DEFAULT_TENANT } from './refs.ts';
import { isOpenStep, type RunState } from './state.ts';

const run = { tenant: DEFAULT_TENANT, runId: 'r1' };
const usage = { inputTokens: 1, outputTokens: 2, costNanoUsd: 3 };
const ended = { endedAt: 50, durationMs: 7 };
const created: NewEvent = {
  type: 'run.created',
  data: { workflow: 'w', version: '1', digest: 'd', trigger: { kind: 'api' } },
};

/** What chance decides of one event. */
interface Roll {
  readonly type: number;
  readonly pick: number;
  readonly value: number;
  readonly flag: boolean;
  /** How many deliveries the function is behind when it calls something or seals a scope. */
  readonly behind: number;
}

const rolls: fc.Arbitrary<readonly Roll[]> = fc.array(
  fc.record({
    type: fc.nat(17),
    pick: fc.nat(1_000),
    value: fc.nat(999),
    flag: fc.boolean(),
    behind: fc.nat(3),
  }),
  { maxLength: 80, size: 'max' },
);

/** Opens what has not been opened, `n` deliveries after the beginning: a holder opens each call once. */
function openingOf(roll: Roll, path: string, n: number): NewEvent {
  const after = { n };
  const start = { at: 5, kind: roll.flag ? 'shell' : 'step', after };
  const name = roll.flag ? 'go' : 'stop';
  const child = { childRunId: `child-${path}`, workflow: 'w', version: '1', after };
  const openings: readonly NewEvent[] = [
    { type: 'step.started', path, data: { label: 'L', workerId: 'w1', after }, payload: '1' },
    { type: 'step.completed', path, data: { ...ended, start }, payload: '2' },
    { type: 'wait.opened', path, data: { kind: 'signal', name, after } },
    { type: 'wait.opened', path, data: { kind: 'signal', name, after, dueAt: 60 } },
    {
      type: 'wait.opened',
      path,
      data: { kind: roll.flag ? 'sleep' : 'input', name: 'w', dueAt: roll.value },
    },
    { type: 'approval.requested', path, data: { name: 'g', message: 'm', reason: 'workflow' }, payload: '3' },
    { type: 'child.started', path, data: child },
  ];
  return openings[roll.value % openings.length] as NewEvent;
}

/** Says something of a call that was opened some time ago, whatever it is and whether it has ended or not. */
function laterOf(roll: Roll, state: RunState, { path, n }: { path: string; n: number }): NewEvent {
  const dueAt = roll.flag ? null : 60 + roll.value;
  const status = roll.flag ? 'completed' : 'failed';
  const outcome = roll.flag ? 'approved' : 'answered';
  const step = state.steps.get(path);
  const attempt: NewEvent = { type: 'step.started', path, data: { attempt: (step?.attempt ?? 0) + 1 } };
  const later: readonly NewEvent[] = [
    { type: 'step.completed', path, data: { ...ended, usage }, payload: '5' },
    { type: 'step.failed', path, data: ended, payload: '{"code":"X"}' },
    { type: 'step.retried', path, data: { ...ended, dueAt, usage }, payload: '{"code":"Y"}' },
    step && isOpenStep(step) ? attempt : { type: 'step.progressed', path, data: { index: 0 } },
    roll.flag ? { type: 'step.lost', path, data: {} } : { type: 'step.skipped', path, data: { reason: 'r' } },
    { type: 'step.cancelled', path, data: { reason: 'r' } },
    { type: 'wait.resolved', path, actor: 'ada', data: { outcome, comment: 'c' }, payload: '6' },
    { type: 'wait.expired', path, data: { endedAt: 60 } },
    { type: 'wait.cancelled', path, data: { reason: 'r', after: n } },
    { type: 'approval.decided', path, actor: 'bob', data: { decision: 'approved' } },
    { type: 'child.ended', path, data: { childRunId: 'c', status, durationMs: 3, usage }, payload: '7' },
  ];
  return later[roll.value % later.length] as NewEvent;
}

/** Says something of the run as a whole. */
function otherOf(roll: Roll): NewEvent {
  const others: readonly NewEvent[] = [
    { type: 'run.started', data: { parsed: roll.flag }, payload: '8' },
    { type: 'run.waiting', data: {} },
    { type: 'run.parked', data: { reason: 'diverged', message: 'm' } },
    { type: 'run.paused', data: {} },
    { type: 'run.resumed', data: { verb: roll.flag ? 'retry' : 'resume' } },
    { type: 'run.cancel_requested', data: {} },
    { type: 'marker.recorded', path: `m${roll.pick}`, data: { kind: 'map', digest: 'd' } },
    { type: 'marker.recorded', data: { kind: 'patched' } },
    { type: 'state.patched', data: { index: roll.pick }, payload: '9' },
    { type: 'usage.reported', path: 'late', data: { usage } },
  ];
  return others[roll.value % others.length] as NewEvent;
}

/** A log that a holder and its outside could have written. */
function logOf(list: readonly Roll[]): StoredEvent[] {
  const state = emptyState(run);
  const log: StoredEvent[] = [];
  const paths: string[] = [];
  let seen = 0; // deliveries that the function has had: it never goes back
  const write = (event: NewEvent): void => {
    const stored: StoredEvent = { ...event, seq: log.length + 1, at: 1_000 + log.length };
    log.push(deepFrozen(stored));
    fold(state, stored);
  };
  const open = (roll: Roll): void => {
    const path = `${roll.flag ? 'r/' : ''}p#${paths.length + 2}`;
    paths.push(path);
    write(openingOf(roll, path, seen));
  };
  write(created);
  for (const roll of list) {
    seen = Math.max(seen, state.deliveries - roll.behind);
    const path = paths[roll.pick % Math.max(1, paths.length)];
    if (roll.type < 5 || path === undefined) open(roll);
    else if (roll.type < 13) write(laterOf(roll, state, { path, n: seen }));
    else if (roll.type < 16)
      write({
        type: 'signal.received',
        data: { name: roll.flag ? 'go' : 'stop' },
        payload: String(log.length),
      });
    else write(otherOf(roll));
  }
  return log;
}

function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) deepFrozen(part);
  return Object.freeze(value);
}

function deliveriesOf(state: RunState, log: readonly StoredEvent[]): Delivery[] {
  return log.flatMap((event) => fold(state, event) ?? []);
}

function folded(...events: NewEvent[]): RunState {
  return foldAll(
    run,
    [created, ...events].map((event, index) => ({ ...event, seq: index + 1, at: index })),
  );
}

/** The parts of a state that a worker needs: what is open, and everything that is not a step, wait or child. */
function openParts(state: RunState): object {
  const { steps, waits, children, keepsHistory: _keeps, returnable: _returnable, ...rest } = state;
  return {
    ...rest,
    steps: [...steps].filter(([, step]) => isOpenStep(step)),
    waits: [...waits].filter(([, wait]) => wait.status === 'open'),
    children: [...children].filter(([, child]) => child.status === 'running'),
  };
}

describe('J20: a log comes to one state', () => {
  test('folded from zero, or taken up again anywhere from a copy of the state', () => {
    fc.assert(
      fc.property(rolls, fc.nat(100), (list, cut) => {
        const log = logOf(list);
        const prefix = foldAll(run, log.slice(0, cut));
        const copy = structuredClone(prefix);
        for (const event of log.slice(cut)) fold(copy, event);
        expect(copy).toEqual(foldAll(run, log));
      }),
      { numRuns: 150 },
    );
  });

  test('folded with history or without: the same deliveries, and what is open is equal', () => {
    fc.assert(
      fc.property(rolls, (list) => {
        const log = logOf(list);
        const whole = emptyState(run);
        const open = emptyState(run, { history: false });
        expect(deliveriesOf(open, log)).toEqual(deliveriesOf(whole, log));
        expect(openParts(open)).toEqual(openParts(whole));
      }),
      { numRuns: 150 },
    );
  });

  test('that counts each call once and delivers each end at most once', () => {
    fc.assert(
      fc.property(rolls, (list) => {
        const log = logOf(list);
        const state = emptyState(run);
        const delivered = deliveriesOf(state, log).map((delivery) => delivery.path);
        expect(new Set(delivered).size).toBe(delivered.length);
        expect(state.deliveries).toBe(delivered.length);
        expect(state.calls).toBe(state.steps.size + state.waits.size + state.children.size);
      }),
      { numRuns: 150 },
    );
  });
});

function unpaidSteps(state: RunState): object[] {
  return [...state.steps.values()].map((step) => ({ ...step, usage: undefined }));
}

test('the first end of a call counts: any end behind it is void, except for what it cost', () => {
  const ends = fc.nat(10).filter((value) => value !== 8); // 8 seals a scope, which may give a signal back
  fc.assert(
    fc.property(rolls, ends, fc.nat(), (list, value, pick) => {
      const log = logOf(list);
      const before = emptyState(run);
      const closed = deliveriesOf(before, log).map((delivery) => delivery.path);
      fc.pre(closed.length > 0);
      const roll = { type: 5, pick: 0, value, flag: true, behind: 0 };
      const late = laterOf(roll, before, { path: closed[pick % closed.length] as string, n: 0 });
      const after = foldAll(run, log);
      expect(fold(after, { ...late, seq: log.length + 1, at: 9_999 })).toBeUndefined();
      const own = { lastSeq: 0, lastAt: 0, status: 'queued', usage: undefined, steps: undefined };
      expect({ ...after, ...own }).toEqual({ ...before, ...own });
      expect(unpaidSteps(after)).toEqual(unpaidSteps(before));
    }),
    { numRuns: 150 },
  );
});

describe('a damaged log is named and not read on', () => {
  const first = { ...created, seq: 1, at: 1 };

  test.each([
    ['a gap', 3],
    ['the same event twice', 1],
  ])('where it has %s', (_what, seq) => {
    const state = foldAll(run, [first]);
    const before = structuredClone(state);
    expect(() => fold(state, { type: 'run.started', data: {}, seq, at: 2 })).toThrowError(
      expect.objectContaining({
        code: 'STORE_CORRUPT',
        message: `Damaged data: run r1 has event ${seq} after 1.`,
      }),
    );
    expect(state).toEqual(before);
  });

  test('where it begins in the middle', () => {
    expect(() => foldAll(run, [{ ...first, seq: 2 }])).toThrowError('run r1 has event 2 after 0');
  });

  test.each<NewEvent>([
    { type: 'run.completed', data: {} },
    { type: 'run.failed', data: { failedSteps: [] } },
    { type: 'run.cancelled', data: {} },
  ])('where something stands behind its end: $type', (end) => {
    const state = foldAll(run, [first, { ...end, seq: 2, at: 2 }]);
    expect(() => fold(state, { type: 'signal.received', data: { name: 'go' }, seq: 3, at: 3 })).toThrowError(
      expect.objectContaining({
        code: 'STORE_CORRUPT',
        message: 'Damaged data: run r1 has signal.received behind its end.',
      }),
    );
  });
});

describe('a run shows', () => {
  test('what it set last, and how often it set something', () => {
    const state = folded(
      { type: 'state.patched', data: { index: 0 }, payload: '"first"' },
      { type: 'state.patched', data: { index: 1 }, payload: '"second"' },
    );
    expect(state).toMatchObject({ shown: '"second"', shownCount: 2 });
    expect(folded({ type: 'state.patched', data: { index: 0 } }).shown).toBe('');
  });

  test('its markers by path', () => {
    const state = folded(
      { type: 'marker.recorded', path: 'items', data: { kind: 'map', digest: 'd' } },
      { type: 'marker.recorded', path: 'patched:new', data: { kind: 'patched' } },
    );
    expect([...state.markers]).toEqual([
      ['items', { kind: 'map', digest: 'd', at: 1 }],
      ['patched:new', { kind: 'patched', digest: undefined, at: 2 }],
    ]);
  });

  test('what was reported after the end of an attempt as used', () => {
    expect(folded({ type: 'usage.reported', path: 'a', data: { usage } }).usage).toEqual(usage);
  });
});
