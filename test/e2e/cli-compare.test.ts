/** Promises of the commands that show how runs went: `show --graph` and `diff`; in plain, as JSON and in a terminal. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type Ended,
  errorOf,
  jsonOf,
  pawl,
  scriptProgram,
  startInTerminal,
  temporaryFolder,
} from './command.ts';

const flows = fileURLToPath(new URL('flows.ts', import.meta.url));
const cwd = temporaryFolder();

function look(...args: readonly string[]): Promise<Ended> {
  return pawl(args, { cwd });
}

beforeAll(async () => {
  for (const [id, count] of [
    ['two-rounds', 2],
    ['two-again', 2],
    ['three-rounds', 3],
  ] as const) {
    await look('run', `${flows}#rounds`, '--id', id, '--input', JSON.stringify({ count }));
  }
});

describe('pawl show --graph', () => {
  test('prints each step of a run with what it followed, one a line', async () => {
    const { stdout, code } = await look('show', 'two-rounds', '--graph');
    expect(stdout.trimEnd().split('\n')).toEqual([
      'STEP                KIND      STATUS                FOLLOWS',
      'checks/types/tsc    step      completed',
      'checks/lint/oxlint  step      completed',
      'review              step      completed             checks/types/tsc, checks/lint/oxlint',
      'review#2            step      completed             review',
      'ship                approval  completed (rejected)  review#2',
      'tell                step      completed             ship (rejected)',
    ]);
    expect(code).toBe(0);
  });

  test('is one JSON object of nodes and edges', async () => {
    expect(jsonOf(await look('show', 'two-rounds', '--graph', '--json'))).toMatchObject({
      runId: 'two-rounds',
      nodes: [
        { path: 'checks/types/tsc', name: 'tsc', parent: 'checks/types' },
        { path: 'checks/lint/oxlint' },
        { path: 'review', visit: 1 },
        { path: 'review#2', name: 'review', visit: 2 },
        { path: 'ship', kind: 'approval' },
        { path: 'tell' },
      ],
      scopes: [{ path: 'checks' }, { path: 'checks/types', parent: 'checks' }, { path: 'checks/lint' }],
      edges: expect.arrayContaining([{ from: 'ship', to: 'tell', label: 'rejected' }]) as unknown,
    });
  });

  test('refuses what it would not show', async () => {
    const ended = await look('show', 'two-rounds', '--graph', '--full', '--json');
    expect([ended.code, errorOf(ended)]).toMatchObject([2, { code: 'ARGUMENT_INVALID' }]);
  });

  test('shows the steps of a graph that did not run, where it is given the graph', async () => {
    const file = join(cwd, 'choice.yaml');
    writeFileSync(
      file,
      [
        'pawl: 1',
        'workflow: choice',
        'version: "1"',
        'steps: { choose: { kind: condition, with: { branches: [{ name: left, when: "true" }], default: right } },',
        '  one: { kind: join }, other: { kind: join } }',
        'edges: [{ from: choose, to: one, on: left }, { from: choose, to: other, on: right }]',
      ].join('\n'),
    );
    await look('run', file, '--id', 'choice-run');
    const { stdout } = await look('show', 'choice-run', '--graph', '--with', file);
    expect(stdout.trimEnd().split('\n').slice(1)).toEqual([
      'choose  condition  completed (left)',
      'one     join       completed         choose (left)',
      'other   join       skipped           choose (right)?',
    ]);
    const wrong = await look('show', 'two-rounds', '--graph', '--with', file, '--json');
    expect([wrong.code, errorOf(wrong)]).toMatchObject([2, { code: 'ARGUMENT_INVALID' }]);
  });

  test.skipIf(!existsSync(scriptProgram))('draws a tree with arrows in a terminal', async () => {
    const running = startInTerminal(['show', 'two-rounds', '--graph'], { cwd, env: { NO_COLOR: '1' } });
    const { stdout } = await running.ended;
    expect(stdout).toContain('run two-rounds of rounds@1 is completed');
    expect(stdout).toMatch(/✓ review#2 .*← review\r\n/);
    expect(stdout).toMatch(/✗ ship .*rejected.*← review#2\r\n/);
    expect(stdout).toMatch(/\n✓ checks\r\n✓ {3}types\/tsc .*ms\r\n/);
  });
});

describe('pawl diff', () => {
  test('says that two runs are equal, with code 0', async () => {
    const { stdout, code } = await look('diff', 'two-rounds', 'two-again');
    expect(stdout.trimEnd().split('\n')).toEqual([
      'a  run two-rounds of rounds@1 is completed',
      'b  run two-again of rounds@1 is completed',
      'equal',
    ]);
    expect(code).toBe(0);
  });

  test('says where they differ, with both sides and code 1', async () => {
    const { stdout, code } = await look('diff', 'two-rounds', 'three-rounds');
    expect(stdout.trimEnd().split('\n').slice(2)).toEqual([
      "2 differences, the first in the run's input",
      '  the run  input $.count',
      '    a  2',
      '    b  3',
      '  review#3  step',
      '    a  (nothing)',
      '    b  {"kind":"step","outcome":"ok"}',
    ]);
    expect(code).toBe(1);
  });

  test('is one JSON object', async () => {
    const ended = await look('diff', 'two-rounds', 'three-rounds', '--json');
    expect([ended.code, jsonOf(ended)]).toMatchObject([
      1,
      {
        isEqual: false,
        a: { runId: 'two-rounds' },
        b: { runId: 'three-rounds' },
        count: 2,
        differences: [{ field: 'input', at: '$.count', a: 2, b: 3 }, { path: 'review#3' }],
      },
    ]);
  });

  test('refuses a run that does not exist, with code 2', async () => {
    const ended = await look('diff', 'two-rounds', 'no-such-run', '--json');
    expect([ended.code, errorOf(ended)]).toMatchObject([2, { code: 'RUN_NOT_FOUND' }]);
  });
});
