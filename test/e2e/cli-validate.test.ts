/** Promises of `pawl validate`: every mistake of a graph with its place, and an exit code that a script can trust. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { errorOf, pawl, temporaryFolder } from './command.ts';

const cwd = temporaryFolder();

function graph(name: string, steps: string): string {
  writeFileSync(join(cwd, name), `pawl: 1\nworkflow: w\nversion: "1"\nsteps:\n${steps}`);
  return name;
}

const good = graph('good.yaml', '  a: { kind: shell, with: { command: "true" } }\n');
const bad = graph('bad.yaml', '  a: { kind: shell, tiemout: 3 }\nedges: [ a -> b ]\n');
const odd = graph('odd.yaml', '  a: { kind: approval, with: { message: x, deadline: 1h } }\n');
const later = graph('later.yaml', '  a: { kind: shell, budget: {} }\n');

describe('pawl validate', () => {
  test('misses a function that no module beside the graph exports, and none where only graphs stand beside it', async () => {
    const calling = graph('calling.yaml', '  a: { kind: function, with: { function: revew } }\n');
    writeFileSync(join(cwd, 'steps.mjs'), 'export const review = () => 1;\n');
    const missed = await pawl(['validate', calling, '--with', 'steps.mjs'], { cwd });
    expect([missed.code, missed.stdout]).toEqual([
      2,
      expect.stringContaining(
        'FUNCTION_UNKNOWN: No function "revew" is registered here (did you mean "review"?)',
      ),
    ]);
    expect((await pawl(['validate', calling, '--with', good], { cwd })).code).toBe(0);
  });

  test('says that a graph is right', async () => {
    expect(await pawl(['validate', good], { cwd })).toEqual({
      code: 0,
      stdout: 'good.yaml: w@1, 1 step, 0 loops\n',
      stderr: '',
    });
  });

  test('prints every mistake as a compiler does', async () => {
    expect(await pawl(['validate', bad], { cwd })).toEqual({
      code: 2,
      stdout: [
        'bad.yaml:5:21: error FIELD_UNKNOWN: steps.a.tiemout: there is no field "tiemout" here (did you mean "timeout"?).',
        'bad.yaml:6:10: error STEP_UNKNOWN: edges[0].to: there is no step "b".',
        'bad.yaml: no graph, 2 errors\n',
      ].join('\n'),
      stderr: '',
    });
  });

  test('says of code that it is none of its business', async () => {
    const { code, stdout, stderr } = await pawl(['validate', 'flow.ts'], { cwd });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('flow.ts: it is code');
  });

  test('lets warnings pass, and refuses what is not enforced yet', async () => {
    const { code, stdout } = await pawl(['validate', odd], { cwd });
    expect(stdout).toContain('odd.yaml:5:3: warning LABEL_UNHANDLED');
    expect(stdout).toContain('odd.yaml: w@1, 1 step, 0 loops, 2 warnings');
    expect(code).toBe(0);
    const refused = await pawl(['validate', later], { cwd });
    expect(refused.stdout).toContain('later.yaml:5:21: not yet NOT_SUPPORTED_YET');
    expect(refused.code).toBe(2);
  });

  test('knows the kinds of a module', async () => {
    const paying = graph('paying.yaml', '  a: { kind: pay }\nedges: [{ from: a, to: end, on: free }]\n');
    const alone = await pawl(['validate', paying], { cwd });
    expect([alone.code, alone.stdout]).toEqual([2, expect.stringContaining('STEP_KIND_UNKNOWN')]);
    const kinds = fileURLToPath(new URL('paying.ts', import.meta.url));
    expect(await pawl(['validate', paying, '--with', kinds], { cwd })).toEqual({
      code: 0,
      stdout: 'paying.yaml: w@1, 1 step, 0 loops\n',
      stderr: '',
    });
  });

  test('gives a line of JSON for each file', async () => {
    const { code, stdout } = await pawl(['validate', good, bad, '--json'], { cwd });
    const [first, second] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(code).toBe(2);
    expect(first).toMatchObject({
      file: 'good.yaml',
      valid: true,
      workflow: 'w',
      version: '1',
      problems: [],
      count: 0,
    });
    expect(second).toMatchObject({ file: 'bad.yaml', valid: false, count: 2 });
  });

  test('names a file that is not there', async () => {
    const ended = await pawl(['validate', 'none.yaml', '--json'], { cwd });
    expect([ended.code, errorOf(ended)['code']]).toEqual([2, 'FILE_UNREADABLE']);
  });
});
