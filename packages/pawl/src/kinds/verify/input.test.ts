/** Promises of the verify kind about what it accepts: a clause that would not be enforced is refused. */
import { describe, expect, test } from 'vitest';
import { checkSchema } from '../../std/index.ts';
import { secret } from '../../step/index.ts';
import { verifyInputSchema } from './input.ts';

function issuesOf(input: unknown): string | undefined {
  const check = checkSchema(verifyInputSchema, input, 'verify');
  return check.ok ? undefined : check.issues;
}

describe('a clause', () => {
  test.each([
    [{ command: 'npm test', status: 1, contains: 'a', matches: ['b', 'c'], cwd: '.', stdin: '', name: 'n' }],
    [{ argv: ['node'], env: { A: secret('A') }, cleanEnv: true }],
    [{ text: '', matches: '^$' }],
    [{ text: { a: 1 }, contains: ['a'] }],
    [{ value: null, schema: { type: 'null' } }],
    [{ files: 'a', contains: 'x' }],
    [{ files: ['a', 'b'], cwd: '/' }],
    [{ expression: { source: 'true', value: true } }],
  ])('may be %j', (clause) => {
    expect(issuesOf({ clauses: [clause] })).toBeUndefined();
  });

  test.each<[unknown, string]>([
    [{}, 'give one of command, argv, text, value, files, expression'],
    [{ name: 'x' }, 'give one of'],
    [{ command: 'x', argv: ['x'] }, 'give one of'],
    [{ command: '' }, '$.clauses.0.command'],
    [{ command: 'x', status: 256 }, '$.clauses.0.status'],
    [{ command: 'x', schema: { type: 'null' } }, 'nobody looks at schema where command is given'],
    [{ files: 'x', status: 0 }, 'nobody looks at status where files is given'],
    [{ text: 'x' }, 'a text needs contains or matches'],
    [{ text: 'x', contains: '' }, '$.clauses.0.contains'],
    [{ text: 'x', contains: [] }, '$.clauses.0.contains'],
    [{ text: 'x', matches: '(' }, '$.clauses.0.matches'],
    [{ text: 'x', matches: [] }, '$.clauses.0.matches'],
    [{ value: 1 }, 'a value needs a schema'],
    [{ value: 1, schema: {} }, 'must ask for something'],
    [{ value: 1, schema: true }, '$.clauses.0.schema'],
    [{ value: 1, schema: { type: 'x' } }, 'schema is invalid'],
    [{ files: [] }, '$.clauses.0.files'],
    [{ files: '' }, '$.clauses.0.files'],
    [{ expression: 'true' }, '$.clauses.0.expression'],
    [{ expression: { source: 'true' } }, '$.clauses.0.expression'],
    [{ judge: {} }, 'judge'],
    [{ command: 'x', expect: 0 }, 'expect'],
  ])('may not be %j', (clause, issue) => {
    expect(issuesOf({ clauses: [clause] })).toContain(issue);
  });
});

describe('a contract', () => {
  test.each<[unknown, string]>([
    [undefined, '$'],
    [{}, '$.clauses'],
    [{ clauses: [] }, 'a contract that checks nothing would always pass'],
    [{ clauses: [{ files: 'a' }], strict: true }, 'strict'],
    [{ clauses: Array.from({ length: 1_001 }, () => ({ files: 'a' })) }, '$.clauses'],
  ])('may not be %j', (input, issue) => {
    expect(issuesOf(input)).toContain(issue);
  });
});
