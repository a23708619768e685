/** Promises of the list of steps that a run shows. */
import { describe, expect, test } from 'vitest';
import { foldAll, type NewEvent, type RunState } from '../run/index.ts';
import { stepViews } from './step-views.ts';

const EVENTS: readonly NewEvent[] = [
  {
    type: 'run.created',
    data: { workflow: 'ship', version: '1', digest: 'd', trigger: { kind: 'cli' } },
    payload: '{}',
  },
  { type: 'run.started', data: {} },
  {
    type: 'approval.requested',
    path: 'gate',
    data: { name: 'gate', message: 'Ship it?', reason: 'workflow' },
    payload: '{"to":"prod"}',
  },
  { type: 'child.started', path: 'sub', data: { childRunId: 'c1', workflow: 'sub', version: '1' } },
  { type: 'step.started', path: 'z', data: {}, payload: '{"n":1}' },
];

function state(): RunState {
  const stored = EVENTS.map((event, index) => ({ ...event, seq: index + 1, at: 1_000 * (index + 1) }));
  return foldAll({ tenant: 'default', runId: 'r1' }, stored);
}

describe('the views of steps', () => {
  test('come in the order of the calls, whatever kind they are', () => {
    const views = stepViews(state(), { isDriven: true, hasValues: true });
    expect(views.map((view) => `${view.path} ${view.kind} ${view.status}`)).toEqual([
      'gate approval waiting',
      'sub workflow running',
      'z step running',
    ]);
  });

  test('call a step lost that has no outcome while nobody drives the run', () => {
    const lost = (isDriven: boolean): readonly (boolean | undefined)[] =>
      stepViews(state(), { isDriven, hasValues: true }).map((view) => view.isLost);
    expect(lost(true)).toEqual([undefined, undefined, undefined]);
    expect(lost(false)).toEqual([undefined, undefined, true]);
  });

  test('carry values only where they are wanted', () => {
    const inputs = (hasValues: boolean): readonly unknown[] =>
      stepViews(state(), { isDriven: true, hasValues }).map((view) => view.input);
    expect(inputs(true)).toEqual([{ to: 'prod' }, undefined, { n: 1 }]);
    expect(inputs(false)).toEqual([undefined, undefined, undefined]);
  });
});
