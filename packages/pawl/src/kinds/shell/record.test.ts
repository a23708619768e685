/** Promises of the shell kind about what it records of its input. */
import { expect, test } from 'vitest';
import { findValueProblem } from '../../std/index.ts';
import { MASK, secret } from '../../step/index.ts';
import { type ShellInput, shellInputSchema } from './input.ts';
import { recordedShellInput } from './record.ts';

const recorded = (input: unknown) => recordedShellInput(shellInputSchema.parse(input));

test('records the input as it is', () => {
  const input = { argv: ['a', 'b'], cwd: '/tmp', cleanEnv: true, stdin: 'in', allowExit: [1] };
  expect(recorded(input)).toEqual(input);
  expect(recorded({ command: 'a', allowExit: true })).toEqual({ command: 'a', allowExit: true });
});

test('I12: masks variables with a telling name, and keeps references', () => {
  const env = {
    GITHUB_TOKEN: 'ghp_clear',
    DB_PASSWORD: 'hunter2',
    aws_secret_access_key: 'clear',
    MY_API_KEY: secret('KEY'),
    PLAIN_REF: secret('PLAIN'),
    LANG: 'C',
  };
  expect(recorded({ command: 'x', env })).toEqual({
    command: 'x',
    env: {
      GITHUB_TOKEN: MASK,
      DB_PASSWORD: MASK,
      aws_secret_access_key: MASK,
      MY_API_KEY: { $secret: 'KEY' },
      PLAIN_REF: { $secret: 'PLAIN' },
      LANG: 'C',
    },
  });
});

test('I12: keeps 4 KiB of standard input, whatever is in it', () => {
  const kept = recorded({ command: 'x', stdin: `\0${'é'.repeat(5_000)}` }) as { stdin: string };
  expect(findValueProblem(kept)).toBeUndefined();
  expect(kept.stdin).toBe(`\uFFFD${'é'.repeat(2_047)}[… 5906 bytes left out …]`);
});

test('I12: records nothing of an input that does not fit', () => {
  for (const input of [null, 'x', { comand: 'x' }, { command: 'x', env: [['TOKEN', 'clear']] }]) {
    expect(recordedShellInput(input as unknown as ShellInput)).toBeNull();
  }
});
