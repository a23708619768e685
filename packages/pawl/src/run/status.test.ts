/** Promises of the run's state machine: one table says which event moves which status where. */
import { describe, expect, test } from 'vitest';
import { EVENT_DATA } from './events.ts';
import { isTerminal, isWokenByArrival, nextStatus, RUN_STATUSES, type RunStatus } from './status.ts';

const OPEN: readonly RunStatus[] = ['queued', 'running', 'waiting', 'parked', 'paused'];
const TERMINAL: readonly RunStatus[] = ['completed', 'failed', 'cancelled'];
const MOVING = [
  'step.scheduled',
  'step.started',
  'step.completed',
  'step.retried',
  'step.failed',
  'step.lost',
  'step.progressed',
  'wait.opened',
  'approval.requested',
  'child.started',
];

/** Where each event leads from queued, running, waiting, parked, paused. */
const TABLE: Readonly<Record<string, readonly RunStatus[]>> = {
  'run.created': ['queued', 'queued', 'queued', 'queued', 'queued'],
  'run.started': ['running', 'running', 'running', 'parked', 'paused'],
  'run.waiting': ['waiting', 'waiting', 'waiting', 'parked', 'paused'],
  'run.parked': ['parked', 'parked', 'parked', 'parked', 'parked'],
  'run.paused': ['paused', 'paused', 'paused', 'paused', 'paused'],
  'run.resumed': ['queued', 'queued', 'queued', 'queued', 'queued'],
  'run.cancel_requested': ['queued', 'running', 'waiting', 'queued', 'queued'],
  'run.completed': ['completed', 'completed', 'completed', 'completed', 'completed'],
  'run.failed': ['failed', 'failed', 'failed', 'failed', 'failed'],
  'run.cancelled': ['cancelled', 'cancelled', 'cancelled', 'cancelled', 'cancelled'],
  ...Object.fromEntries(MOVING.map((type) => [type, ['running', 'running', 'running', 'parked', 'paused']])),
};

const types = Object.keys(EVENT_DATA);
const still = types.filter((type) => !(type in TABLE));

describe('the status of a run', () => {
  test.each(Object.entries(TABLE))('after %s leads from %s', (type, expected) => {
    expect(OPEN.map((status) => nextStatus(status, type))).toEqual(expected);
  });

  test.each(still)('is not moved by %s', (type) => {
    expect(OPEN.map((status) => nextStatus(status, type))).toEqual(OPEN);
  });

  test.each(types)('does not change after the end, not even by %s', (type) => {
    expect(TERMINAL.map((status) => nextStatus(status, type))).toEqual(TERMINAL);
  });

  test('is terminal when the run has completed, failed or was cancelled', () => {
    expect(RUN_STATUSES.filter(isTerminal)).toEqual(TERMINAL);
  });

  test('is woken by what arrives unless a person holds the run back or it is over', () => {
    expect(RUN_STATUSES.filter(isWokenByArrival)).toEqual(['queued', 'running', 'waiting']);
  });
});
