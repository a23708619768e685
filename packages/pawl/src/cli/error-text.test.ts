/** Promises of how errors are shown, and of the exit code that each one gives. */
import { CommanderError } from 'commander';
import { describe, expect, test } from 'vitest';
import { pawlError } from '../errors/index.ts';
import { parseGraph } from '../graph/index.ts';
import { errorText, reportOf, stackText } from './error-text.ts';
import { typedFor } from './typed-command.ts';

const typed = typedFor({ store: 'sqlite:.pawl/pawl.db', isStoreNamed: false, tenant: 'default' });

describe('an error of the catalogue', () => {
  test('is its code, its message, and what to do', () => {
    const report = reportOf(pawlError('RUN_NOT_FOUND', { runId: 'r1' }));
    expect(errorText(report, { isJson: false, typed })).toBe(
      'error RUN_NOT_FOUND: There is no run r1.\n  to do: List runs with `npx pawl runs`.',
    );
  });

  test('is one JSON object for programs', () => {
    const report = reportOf(pawlError('RUN_NOT_FOUND', { runId: 'r1' }));
    expect(JSON.parse(errorText(report, { isJson: true, typed }))).toEqual({
      error: {
        code: 'RUN_NOT_FOUND',
        message: 'There is no run r1.',
        todo: 'List runs with `npx pawl runs`.',
      },
    });
  });

  test('that refuses a graph lists what is wrong with it, a line each', () => {
    const text = 'pawl: 1\nworkflow: w\nversion: "1"\nsteps: { a: { kind: shel } }\nedges: [a -> b]\n';
    const refused = (): unknown => {
      try {
        return parseGraph(text);
      } catch (error) {
        return error;
      }
    };
    const report = reportOf(refused());
    expect(errorText(report, { isJson: false, typed }).split('\n')).toMatchObject([
      'error GRAPH_INVALID: The graph is refused:',
      '  4:15: error STEP_KIND_UNKNOWN: steps.a.kind: there is no kind "shel" (did you mean "shell"?).',
      expect.stringContaining('  5:9: error STEP_UNKNOWN'),
      expect.stringContaining('  to do: '),
    ]);
    const json = JSON.parse(errorText(report, { isJson: true, typed })) as { error: { problems: object[] } };
    expect(json.error.problems).toMatchObject([{ line: 4, column: 15 }, { line: 5 }]);
  });

  test('is cut where somebody typed a book', () => {
    const report = reportOf(pawlError('RUN_NOT_FOUND', { runId: 'r'.repeat(100_000) }));
    expect(errorText(report, { isJson: true, typed }).length).toBeLessThan(3_000);
  });

  test('cannot move the cursor of who reads it', () => {
    const report = reportOf(pawlError('RUN_NOT_FOUND', { runId: 'r\u001b[2J\n1' }));
    expect(errorText(report, { isJson: false, typed })).toContain('There is no run r\uFFFD[2J 1.');
  });

  test.each([
    ['RUN_NOT_FOUND', 2],
    ['STORE_MISSING', 3],
    ['INVARIANT', 3],
    ['RUN_FAILED', 1],
    ['STEP_THREW', 1],
  ] as const)('%s ends with exit code %i', (code, exitCode) => {
    expect(reportOf(pawlError(code)).exitCode).toBe(exitCode);
  });
});

describe('an error of the parser', () => {
  test('is a usage error with the hint of the parser', () => {
    const thrown = new CommanderError(
      1,
      'commander.unknownCommand',
      "error: unknown command 'shwo'\n(Did you mean show?)",
    );
    expect(reportOf(thrown)).toEqual({
      code: 'ARGUMENT_INVALID',
      message: "Unknown command 'shwo'. (Did you mean show?)",
      todo: 'See `pawl help`.',
      exitCode: 2,
    });
  });
});

describe('options without a command', () => {
  test('are told so in words', () => {
    const report = reportOf(new CommanderError(1, 'commander.help', '(outputHelp)'));
    expect(report.message).toBe('There are options, but no command.');
  });
});

describe('anything else that was thrown', () => {
  test('is a defect of ours, with its name and message and without its stack', () => {
    const report = reportOf(new TypeError('x is not a function'));
    expect(report).toMatchObject({ code: 'INVARIANT', exitCode: 3 });
    expect(report.message).toContain('TypeError: x is not a function');
    expect(errorText(report, { isJson: false, typed })).not.toContain('at ');
  });

  test('may be no error at all', () => {
    expect(reportOf('a text').message).toContain('a text');
  });

  test('has its causes in the stack that a person asked for', () => {
    const text = stackText(new Error('outer', { cause: new Error('inner', { cause: 'a text' }) }));
    expect(text).toMatch(/outer[\s\S]*caused by Error: inner[\s\S]*caused by a text/);
  });
});
