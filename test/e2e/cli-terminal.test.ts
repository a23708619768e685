/** Promises of the command line to a person at a terminal: a live view, questions, and a cursor that comes back. */
import { spawnSync } from 'node:child_process';
import { userInfo } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { jsonOf, pawl, scriptProgram, startInTerminal, temporaryFolder } from './command.ts';

const flows = fileURLToPath(new URL('flows.ts', import.meta.url));
const cwd = temporaryFolder();
const hasScript =
  spawnSync(scriptProgram, ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false;
const ESCAPE = '\u001b';
const ERASED = new RegExp(String.raw`${ESCAPE}\[\d+A\r${ESCAPE}\[J`);
const PROMPT = /\[y\]es, \[n\]o with a comment if you like, \[l\]ater: /;

function terminal(...args: readonly string[]): ReturnType<typeof startInTerminal> {
  return startInTerminal(args, { cwd, env: { TERM: 'xterm-256color' } });
}

/** Hidden and shown again as often as hidden. */
function cursorIsBack(screen: string): boolean {
  return screen.lastIndexOf('\u001b[?25h') >= screen.lastIndexOf('\u001b[?25l');
}

describe.skipIf(!hasScript)('a person at a terminal', () => {
  test('sees the run while it works, drawn in place', async () => {
    const { stdout } = await terminal('run', `${flows}#quick`).ended;
    expect(stdout).toContain('\u001b[1mquick\u001b[22m');
    expect(stdout).toMatch(ERASED);
    expect(stdout).toContain('completed\u001b[39m after');
    expect(cursorIsBack(stdout)).toBe(true);
  });

  test('is asked for a decision, decides under the name of the user, and the run goes on', async () => {
    const run = terminal('run', `${flows}#gate`, '--id', 'ask-1');
    await run.prints(PROMPT);
    expect(run.stdout).toContain('Ship it?');
    expect(run.stdout).toContain('"to": "production"');
    run.type('what\n');
    run.type('y looks good\n');
    expect((await run.ended).code).toBe(0);
    const { output } = jsonOf(await pawl(['show', 'ask-1', '--json'], { cwd }));
    expect(output).toEqual({ by: userInfo().username, comment: 'looks good' });
  });

  test('is asked for a value until it fits', async () => {
    const run = terminal('run', `${flows}#asks`, '--id', 'ask-2');
    await run.prints(/value as JSON, or nothing for later: /);
    run.type('blue\n');
    await run.prints(/not JSON/);
    run.type('"blue"\n');
    const ended = await run.ended;
    expect([ended.code, ended.stdout]).toEqual([0, expect.stringContaining('blue')]);
  });

  test('may put a decision off, and the run waits', async () => {
    const run = terminal('run', `${flows}#gate`, '--id', 'ask-3');
    await run.prints(PROMPT);
    run.type('l\n');
    const ended = await run.ended;
    expect(ended.code).toBe(4);
    expect(ended.stdout).toContain('npx pawl approve ask-3 ship --by NAME');
    expect(cursorIsBack(ended.stdout)).toBe(true);
  });

  test('who closes the input leaves the run to others', async () => {
    const run = terminal('run', `${flows}#asks`, '--id', 'ask-8');
    await run.prints(/value as JSON, or nothing for later: /);
    run.type('\u0004');
    expect((await run.ended).code).toBe(4);
  });

  test('is not asked any more where somebody else was faster', async () => {
    const run = terminal('run', `${flows}#gate`, '--id', 'ask-4');
    await run.prints(PROMPT);
    await pawl(['approve', 'ask-4', '--by', 'ana'], { cwd });
    expect((await run.ended).code).toBe(0);
  });

  test('may leave with Ctrl-C at the question, and the run waits for somebody', async () => {
    const run = terminal('run', `${flows}#gate`, '--id', 'ask-5');
    await run.prints(PROMPT);
    run.type('\u0003');
    const ended = await run.ended;
    expect(ended.code).toBe(130);
    expect(ended.stdout).toContain('--resume ask-5');
    expect(cursorIsBack(ended.stdout)).toBe(true);
    const { steps } = jsonOf(await pawl(['show', 'ask-5', '--json'], { cwd }));
    expect(steps).toMatchObject([{ path: 'before' }, { path: 'ship', status: 'waiting' }]);
  });

  test('is told how to send the signal that a run waits for, and sees it arrive', async () => {
    const run = terminal('run', `${flows}#listens`, '--id', 'ask-6');
    await run.prints(/npx pawl signal ask-6 news/);
    await pawl(['signal', 'ask-6', 'news', '1'], { cwd });
    expect((await run.ended).code).toBe(0);
  });

  test('is the one who approves from another terminal, without --by', async () => {
    await pawl(['run', `${flows}#gate`, '--id', 'ask-7'], { cwd });
    const { stdout } = await terminal('approve', 'ask-7').ended;
    expect(stdout).toContain(`by ${userInfo().username}`);
  });

  test('decides in the demo, which shows what was decided', async () => {
    const demo = terminal('demo');
    await demo.prints(/\[y\]es or \[n\]o: /);
    demo.type('later\n');
    demo.type('n\n');
    const ended = await demo.ended;
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain(`rejected by ${userInfo().username}`);
    expect(ended.stdout).toContain('each happened once');
  });

  test('may leave the demo with Ctrl-C', async () => {
    const demo = terminal('demo');
    await demo.prints(/\[y\]es or \[n\]o: /);
    demo.type('\u0003');
    expect((await demo.ended).code).toBe(130);
    const [, pid = ''] = /worker 2.*process (\d+)/.exec(demo.stdout) ?? [];
    expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH');
  });

  test('may switch colors off', async () => {
    const run = startInTerminal(['runs'], { cwd, env: { TERM: 'xterm', NO_COLOR: '1' } });
    expect((await run.ended).stdout).not.toContain('\u001b');
  });
});
