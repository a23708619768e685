/** Promises of the shell kind about what it accepts. */
import { describe, expect, test } from 'vitest';
import { checkSchema } from '../../std/index.ts';
import { secret } from '../../step/index.ts';
import { shellInputSchema } from './input.ts';

function issuesOf(input: unknown): string | undefined {
  const check = checkSchema(shellInputSchema, input, 'shell');
  return check.ok ? undefined : check.issues;
}

describe('the input of a shell step', () => {
  test.each([
    ['a command', { command: 'echo $HOME' }],
    ['arguments', { argv: ['echo', '', '-n'] }],
    ['everything', { command: 'x', cwd: '.', env: { A: '1', B: secret('B') }, cleanEnv: true, stdin: '\0' }],
    ['exit codes', { command: 'x', allowExit: [1, 255] }],
    ['every exit code', { command: 'x', allowExit: true }],
  ])('may be %s', (_what, input) => {
    expect(issuesOf(input)).toBeUndefined();
  });

  test.each([
    ['nothing', undefined, 'expected object'],
    ['neither command nor argv', {}, 'either `command` or `argv`'],
    ['both command and argv', { command: 'x', argv: ['x'] }, 'either `command` or `argv`'],
    ['an empty command', { command: '' }, '$.command'],
    ['an empty argv', { argv: [] }, '$.argv'],
    ['a program without a name', { argv: ['', 'x'] }, '$.argv.0: the program has no name'],
    ['an argument that is no text', { argv: ['x', 1] }, '$.argv.1'],
    ['an argument with a NUL', { argv: ['x', 'a\0b'] }, '$.argv.1: must not hold a NUL'],
    ['a command with a NUL', { command: 'a\0b' }, '$.command: must not hold a NUL'],
    ['a lone surrogate', { command: 'a\ud800' }, '$.command: must not hold a lone surrogate'],
    ['too many arguments', { argv: Array.from({ length: 10_001 }, () => 'x') }, '$.argv'],
    ['an unknown key', { command: 'x', environment: {} }, '"environment"'],
    ['a variable that is no text', { command: 'x', env: { A: 1 } }, '$.env.A'],
    ['a variable with a NUL', { command: 'x', env: { A: 'a\0b' } }, '$.env.A'],
    ['a variable without a name', { command: 'x', env: { '': 'x' } }, '$.env'],
    ['a name with "="', { command: 'x', env: { 'A=B': 'x' } }, '$.env.A=B'],
    ['a variable of ours', { command: 'x', env: { PAWL_ATTEMPT: '9' } }, '$.env.PAWL_ATTEMPT'],
    ['a reference with more in it', { command: 'x', env: { A: { $secret: 'A', b: 1 } } }, '$.env.A'],
    ['a code that no process can have', { command: 'x', allowExit: [256] }, '$.allowExit'],
    ['allowExit: false', { command: 'x', allowExit: false }, '$.allowExit'],
  ])('may not be %s', (_what, input, issue) => {
    expect(issuesOf(input)).toContain(issue);
  });

  test('may not be a huge number of variables', () => {
    const env = Object.fromEntries(Array.from({ length: 10_001 }, (_, index) => [`V${index}`, '']));
    expect(issuesOf({ command: 'x', env })).toContain('at most 10000 variables');
  });
});
