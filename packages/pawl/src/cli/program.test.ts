/** Promises of the parser: what reaches a command, and what never does. */
import { describe, expect, test } from 'vitest';
import { type Command, listOption, switchOption, textOption } from './command.ts';
import { commands } from './commands.ts';
import { type Parsed, parseArguments } from './program.ts';

async function parse(
  ...argv: readonly string[]
): Promise<{ readonly parsed: Parsed | undefined; readonly printed: string }> {
  let printed = '';
  const parsed = await parseArguments(argv, {
    version: '1.2.3',
    commands,
    print: (text) => (printed += text),
  });
  return { parsed, printed };
}

async function problemOf(...argv: readonly string[]): Promise<string> {
  return await parse(...argv).then(
    () => 'none',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

describe('the parser', () => {
  test('hands arguments and options to the command', async () => {
    const { parsed } = await parse('run', 'f.ts', '--label', 'a=1', '--label', 'b=2', '--detach');
    expect(parsed?.command.name).toBe('run');
    expect(parsed?.args).toEqual(['f.ts']);
    const call = { args: [], options: parsed?.options ?? {} };
    expect(listOption(call, 'label')).toEqual(['a=1', 'b=2']);
    expect(switchOption(call, 'detach')).toBe(true);
    expect(textOption(call, 'input')).toBeUndefined();
  });

  test.each([
    [['--json', '--store', 'sqlite:x', 'runs']],
    [['runs', '--json', '--store', 'sqlite:x']],
    [['runs', '--store=sqlite:x', '--json']],
  ])('takes --json and --store at any place: %j', async (argv) => {
    const { parsed } = await parse(...argv);
    expect(parsed?.options).toMatchObject({ json: true, store: 'sqlite:x' });
  });

  test('gives optional arguments their place, and several their list', async () => {
    expect((await parse('approve', 'r1')).parsed?.args).toEqual(['r1', undefined]);
    expect((await parse('worker', 'a.ts', 'b.ts')).parsed?.args).toEqual([['a.ts', 'b.ts']]);
  });

  test('takes a negative number as a value', async () => {
    expect((await parse('answer', 'r1', '--', '-5')).parsed?.args).toEqual(['r1', '-5', undefined]);
  });

  test.each([
    [['frob'], "unknown command 'frob'"],
    [['shwo', 'r'], 'Did you mean show?'],
    [['show'], "missing required argument 'run'"],
    [['show', 'a', 'b'], 'too many arguments'],
    [['show', 'a', '--all'], "unknown option '--all'"],
    [['runs', '--limit'], "option '--limit <n>' argument missing"],
    [['worker', '--queue'], "option '--queue <name>' argument missing"],
  ])('refuses the line %j', async (argv, problem) => {
    expect(await problemOf(...argv)).toContain(problem);
  });

  test('refuses an option that is given an empty value', async () => {
    const { parsed } = await parse('runs', '--workflow', '');
    expect(() => textOption({ args: [], options: parsed?.options ?? {} }, 'workflow')).toThrow(
      '--workflow: it is empty.',
    );
  });
});

describe('the list of commands', () => {
  test('names each command once, with a summary, and with arguments that end where they may be many', () => {
    const names = commands.map((command: Command) => command.name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(
      'demo run validate import worker runs show events diff why parked approve reject answer signal cancel pause resume retry workers prune'.split(
        ' ',
      ),
    );
    expect(commands.filter((command) => command.summary === '' || command.summary.endsWith('.'))).toEqual([]);
  });
});
