/** Promises of the pages and lines that commands print. */
import { describe, expect, test } from 'vitest';
import type { RunView, StepView, Why } from '../../engine/index.ts';
import { eventJson, eventLine } from './event-line.ts';
import { runPage } from './run-page.ts';
import { stepDetail } from './step-detail.ts';
import { stepLines } from './step-lines.ts';
import { treeOf } from './step-tree.ts';
import { COLORED, PLAIN } from './style.ts';
import { tableLines } from './table.ts';
import { valueLines } from './value-text.ts';

const AT = '2026-01-02T03:04:05.000Z';
const NOW = Date.parse(AT) + 2_500;

function step(path: string, more: Partial<StepView> = {}): StepView {
  return {
    path,
    kind: 'step',
    status: 'completed',
    attempt: 1,
    startedAt: AT,
    outcome: 'ok',
    durationMs: 12,
    ...more,
  };
}

describe('a tree of steps', () => {
  test('puts steps below their scopes, in the order in which they were called', () => {
    const rows = treeOf([step('a'), step('checks/x'), step('b'), step('checks/y/inner/z')]);
    expect(rows.map((row) => `${' '.repeat(row.depth)}${row.name}`)).toEqual([
      'a',
      'checks',
      ' x',
      ' y/inner/z',
      'b',
    ]);
    expect(rows.map((row) => row.step?.path)).toEqual(['a', undefined, 'checks/x', 'checks/y/inner/z', 'b']);
  });

  test('says once what a branch and its only step are both called', () => {
    expect(treeOf([step('checks/x/x'), step('checks/y/y')]).map((row) => row.name)).toEqual([
      'checks',
      'x',
      'y',
    ]);
  });

  test('shows a step that is a scope as well', () => {
    expect(treeOf([step('a'), step('a/b')]).map((row) => [row.depth, row.step?.path])).toEqual([
      [0, 'a'],
      [1, 'a/b'],
    ]);
  });

  test('tells the visits of a step with a label apart', () => {
    const rows = treeOf([step('work', { label: 'Do it' }), step('work#2', { label: 'Do it' })]);
    const lines = stepLines(rows, { style: PLAIN, now: NOW, columns: 80 });
    expect(lines.map((line) => line.split('  ')[0])).toEqual(['✓ Do it', '✓ Do it#2']);
  });

  test('is aligned, and cut to the terminal', () => {
    const rows = treeOf([
      step('first'),
      step('scope/one', {
        status: 'failed',
        failure: { class: 'terminal', code: 'X', message: 'a long story' },
      }),
      step('scope/two', { status: 'running' }),
      step('scope/three', { status: 'running', isLost: true }),
    ]);
    expect(stepLines(rows, { style: PLAIN, now: NOW, columns: 32 })).toEqual([
      '✓ first      12 ms',
      '▸ scope             1 of 3 did …',
      '✗   one      12 ms  X: a long s…',
      '▸   two      2.5 s',
      '!   three           lost with i…',
    ]);
  });
});

describe('a scope', () => {
  const bad = { status: 'failed', outcome: 'failed' } as const;
  const marks = (...inner: Partial<StepView>[]): string => {
    const rows = treeOf([step('a'), ...inner.map((more, index) => step(`each/item:${index}/step`, more))]);
    return stepLines(rows, { style: PLAIN, now: NOW, columns: 80 })[1] ?? '';
  };

  test.each<[string, Partial<StepView>[], string]>([
    ['all well', [{}, {}], '✓ each'],
    ['losers aside', [{}, { status: 'cancelled', outcome: 'cancelled' }], '✓ each'],
    ['something that runs', [{}, { status: 'running' }, bad], '▸ each'],
    ['something that waits', [{}, { status: 'waiting' }], '○ each'],
    ['nothing good', [bad, { outcome: 'rejected', kind: 'approval' }], '✗ each'],
    ['some of it bad', [{}, bad], '! each'],
    ['all of it cancelled', [{ status: 'cancelled' }, { status: 'cancelled' }], '⊘ each'],
  ])('has the mark of what is inside it: %s', (_what, inner, line) => {
    expect(marks(...inner).slice(0, 6)).toBe(line);
  });

  test('says how much of it did not end well', () => {
    expect(marks({}, bad, {})).toContain('1 of 3 did not end well');
    expect(marks({}, {})).toBe('✓ each');
  });
});

describe('the detail of a step', () => {
  test.each<[Partial<StepView>, string]>([
    [{}, ''],
    [{ attempt: 3 }, 'attempt 3'],
    [{ status: 'waiting', kind: 'sleep', dueAt: AT }, 'sleeps until 2026-01-02T03:04:05Z'],
    [{ status: 'waiting', kind: 'approval', message: 'Ship\nit?' }, 'waits for an approval: Ship it?'],
    [{ status: 'waiting', kind: 'input', dueAt: AT }, 'waits for an answer, until 2026-01-02T03:04:05Z'],
    [{ status: 'waiting', kind: 'signal' }, 'waits for a signal'],
    [{ status: 'waiting', childRunId: 'c1', kind: 'workflow' }, 'waits for run c1'],
    [{ status: 'running', childRunId: 'c1', kind: 'workflow' }, 'run c1'],
    [
      {
        status: 'waiting',
        failure: { class: 'retryable', code: 'X', message: 'no' },
        dueAt: '2026-01-02T03:04:10.500Z',
      },
      'X: no, next attempt in 3.0 s',
    ],
    [{ status: 'waiting', dueAt: AT, attempt: 2 }, 'attempt 2 · lost, next attempt now'],
    [{ status: 'completed', kind: 'approval', outcome: 'approved', by: 'ana' }, 'approved by ana'],
    [{ status: 'completed', kind: 'approval', outcome: 'approved' }, 'approved at its deadline'],
    [{ status: 'completed', kind: 'approval', outcome: 'expired' }, 'expired'],
    [{ status: 'completed', outcome: 'resolved', kind: 'sleep' }, ''],
    [{ status: 'cancelled' }, 'cancelled'],
    [{ usage: { inputTokens: 3, outputTokens: 4, costUsd: '0.01' } }, '7 tokens, $0.01'],
  ])('%j says %j', (more, said) => {
    expect(stepDetail(step('a', more), NOW)).toBe(said);
  });
});

function runView(more: Partial<RunView> = {}): RunView {
  const usage = { inputTokens: 0, outputTokens: 0, costUsd: '0' };
  const facts = {
    tenant: 'default',
    labels: {},
    priority: 0,
    lastSeq: 9,
    stepMs: 12,
    bufferedSignals: [],
    usage,
  };
  return {
    runId: 'r1',
    rootRunId: 'r1',
    workflow: 'ship',
    version: '2',
    status: 'completed',
    createdAt: AT,
    updatedAt: '2026-01-02T03:04:09.000Z',
    steps: [step('build', { output: { ok: true } })],
    ...facts,
    ...more,
  };
}

function page(
  run: RunView,
  options: { readonly isFull?: boolean; readonly why?: Why['reasons'] } = {},
): string {
  const why: Why = { runId: run.runId, status: run.status, reasons: options.why ?? [] };
  return runPage(run, why, {
    style: PLAIN,
    columns: 100,
    now: NOW,
    isFull: options.isFull ?? false,
    typed: (command) => `${command} --store sqlite:x`,
  }).join('\n');
}

describe('the page of a run', () => {
  test.each([
    ['running', 'status    running, being cancelled\n'],
    ['cancelled', 'status    cancelled\n'],
  ] as const)('says of a run that is %s whether it is being cancelled', (status, line) => {
    expect(page(runView({ status, cancelRequested: { at: AT } }))).toContain(line);
  });

  test('says how long ago something happened to a run that has not ended', () => {
    expect(page(runView({ status: 'running', updatedAt: AT }))).toContain(
      '\nupdated   2026-01-02T03:04:05Z, 2.5 s ago\n',
    );
  });

  test('shows facts, steps and the output', () => {
    expect(page(runView({ output: 'done', labels: { team: 'core' } }))).toBe(
      [
        'run       r1',
        'workflow  ship@2',
        'status    completed',
        'started   2026-01-02T03:04:05Z',
        'ended     2026-01-02T03:04:09Z, after 4.0 s',
        'labels    team=core',
        '',
        'steps',
        '  ✓ build    12 ms',
        '',
        'output',
        '  done',
      ].join('\n'),
    );
  });

  test('says why an unfinished run stands, and the command with its store', () => {
    const text = page(runView({ status: 'waiting' }), {
      why: [{ text: 'It waits for a decision.', command: 'pawl approve r1 ship --by NAME' }],
    });
    expect(text).toContain(
      'why\n  It waits for a decision.\n    pawl approve r1 ship --by NAME --store sqlite:x',
    );
  });

  test('shows a failure as one line, and in full with every value of its steps', () => {
    const failed = runView({
      status: 'failed',
      failure: { class: 'terminal', code: 'X', message: 'no' },
      input: { a: 1 },
    });
    expect(page(failed)).toContain('failure\n  X: no');
    expect(page(failed)).not.toContain('"a"');
    expect(page(failed, { isFull: true })).toContain('"a": 1');
    expect(page(failed, { isFull: true })).toContain(
      '      output\n        {\n          "ok": true\n        }',
    );
  });

  test('J18 shows what a failure came of', () => {
    const cause = { class: 'terminal', code: 'DECLINED', message: 'no\nmoney' } as const;
    const failure = { class: 'terminal', code: 'X', message: 'pay failed', path: 'pay', cause } as const;
    expect(page(runView({ status: 'failed', failure }))).toContain(
      'failure\n  X: pay failed\n  because of DECLINED: no money',
    );
  });

  test('cuts a long output and says how much is left', () => {
    expect(page(runView({ output: 'x\n'.repeat(100) }))).toContain('… 77 more lines');
  });
});

describe('the line of an event', () => {
  const event = {
    seq: 12,
    at: Date.parse(AT),
    type: 'step.completed',
    path: 'a/b',
    data: { endedAt: 1, durationMs: 7, attempt: 2 },
    payload: '{"ok":"\\u001b[2J"}',
  } as const;

  test('holds number, time, type, path and facts, and no control characters', () => {
    expect(eventLine(event, { style: PLAIN, columns: 200 })).toBe(
      '   12  03:04:05.000  step.completed        a/b                       attempt 2  7 ms  {"ok":"\\u001b[2J"}',
    );
  });

  test('is an object with RFC 3339 time and the value itself for programs', () => {
    expect(eventJson(event)).toEqual({
      seq: 12,
      at: AT,
      type: 'step.completed',
      path: 'a/b',
      data: event.data,
      payload: { ok: '\u001b[2J' },
    });
  });
});

describe('a table', () => {
  test('is as wide as its widest cells, wide characters included', () => {
    expect(
      tableLines(
        ['A', 'NAME'],
        [
          ['日本', 'x'],
          ['1', 'long\nname'],
        ],
        PLAIN,
      ),
    ).toEqual(['A     NAME', '日本  x', '1     long name']);
  });
});

describe('a value', () => {
  test('is text as it is, JSON otherwise, and something even where it is nothing', () => {
    expect(valueLines('a\nb')).toEqual(['a', 'b']);
    expect(valueLines({ a: [1] })).toEqual(['{', '  "a": [', '    1', '  ]', '}']);
    expect(valueLines(undefined)).toEqual(['(nothing)']);
  });
});

describe('colors', () => {
  test('open and close, and leave empty text alone', () => {
    expect(COLORED.red('x')).toBe('\u001b[31mx\u001b[39m');
    expect(COLORED.red('')).toBe('');
  });
});
