/** Promises of the event schemas: every type has one, and what it does not know is refused. */
import { describe, expect, test } from 'vitest';
import { EVENT_DATA, type EventType, isEventType } from './events.ts';

const ended = { endedAt: 5, durationMs: 1 };

/** The least that the data of each type must hold. */
const LEAST: Readonly<Record<EventType, object>> = {
  'run.created': { workflow: 'w', version: '1', digest: 'd', trigger: { kind: 'api' } },
  'run.started': {},
  'run.waiting': {},
  'run.parked': { reason: 'diverged', message: 'm' },
  'run.paused': {},
  'run.resumed': { verb: 'retry' },
  'run.cancel_requested': {},
  'run.cancelled': {},
  'run.completed': {},
  'run.failed': { failedSteps: [] },
  'step.scheduled': { queue: 'gpu' },
  'step.started': {},
  'step.completed': ended,
  'step.retried': { ...ended, dueAt: null },
  'step.failed': ended,
  'step.lost': {},
  'step.skipped': { reason: 'r' },
  'step.cancelled': { reason: 'r' },
  'step.progressed': { index: 0 },
  'wait.opened': { kind: 'sleep', name: 'n' },
  'approval.requested': { name: 'n', message: 'm', reason: 'workflow' },
  'approval.decided': { decision: 'approved' },
  'wait.resolved': { outcome: 'resolved' },
  'wait.expired': { endedAt: 5 },
  'wait.cancelled': { reason: 'r', after: 0 },
  'signal.received': { name: 'n' },
  'child.started': { childRunId: 'c', workflow: 'w', version: '1' },
  'child.ended': { childRunId: 'c', status: 'completed', durationMs: 1 },
  'marker.recorded': { kind: 'map' },
  'state.patched': { index: 0 },
  'usage.reported': { usage: { inputTokens: 1, outputTokens: 2, costNanoUsd: 3 } },
};

const types = Object.keys(EVENT_DATA) as EventType[];

describe('the data of an event', () => {
  test.each(types)(
    'of type %s is accepted with the least that it must hold, and nothing is added',
    (type) => {
      expect(EVENT_DATA[type].parse(LEAST[type])).toEqual(LEAST[type]);
    },
  );

  test.each(types)('of type %s may not hold a field that nobody knows', (type) => {
    expect(EVENT_DATA[type].safeParse({ ...LEAST[type], surprise: 1 }).success).toBe(false);
  });

  test.each(types)('of type %s may not lack what it must hold', (type) => {
    for (const field of Object.keys(LEAST[type])) {
      const { [field as never]: _left, ...rest } = LEAST[type];
      expect(EVENT_DATA[type].safeParse(rest).success, field).toBe(false);
    }
  });

  test.each([
    ['a time that is no whole number', 'step.completed', { endedAt: 0.5, durationMs: 1 }],
    ['a negative duration', 'step.completed', { endedAt: 5, durationMs: -1 }],
    ['half a token', 'usage.reported', { usage: { inputTokens: 0.5, outputTokens: 0, costNanoUsd: 0 } }],
    ['a reason to park that is none', 'run.parked', { reason: 'bored', message: 'm' }],
    ['a trigger that is none', 'run.created', { ...LEAST['run.created'], trigger: { kind: 'moon' } }],
    ['an unknown field in a folded start', 'step.failed', { ...ended, start: { at: 1, surprise: 1 } }],
    ['a position before the first', 'step.started', { after: { n: -1 } }],
  ] as const)('may not hold %s', (_what, type, data) => {
    expect(EVENT_DATA[type].safeParse(data).success).toBe(false);
  });
});

describe('a type of event', () => {
  test.each(['step.completed', 'run.created'])('is known: %s', (type) => {
    expect(isEventType(type)).toBe(true);
  });

  test.each(['step.exploded', '', 'toString', 'constructor', '__proto__'])('is not known: "%s"', (type) => {
    expect(isEventType(type)).toBe(false);
  });
});
