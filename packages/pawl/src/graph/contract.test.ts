/** Promises of contracts in a graph: a clause that would not be enforced is refused, and so is a contract without one. */
import { describe, expect, test } from 'vitest';
import { validateText, validateValue } from './validate.ts';

function problemsOf(given: unknown): string[] {
  const steps = { s: { kind: 'verify', with: given } };
  const { problems } = validateValue({ pawl: 1, workflow: 'w', version: '1', steps });
  return problems.map(({ path, code }) => `${path.replace('steps.s.with', '')} ${code}`);
}

describe('a contract', () => {
  test('may hold clauses of every kind, with templates in them', () => {
    const clauses = [
      { name: 'tests', command: 'npm test', status: 0, contains: ['passed', '{{ input.word }}'], cwd: 'app' },
      {
        argv: ['node', '--version'],
        matches: '^v2\\d',
        env: { A: '{{ input.a }}' },
        cleanEnv: true,
        stdin: '',
      },
      { argv: '{{ input.argv }}', status: '{{ input.status }}' },
      { text: '{{ input.text }}', contains: 'a' },
      { text: '', matches: ['^$', '{{ input.pattern }}'] },
      { value: '{{ input.value }}', schema: { type: 'object', required: ['a'] } },
      { value: null, schema: '{{ input.schema }}' },
      { files: 'a.txt' },
      { files: ['a.txt', '{{ input.file }}'], contains: 'a', cwd: '/' },
      { expression: 'input.a == 1', name: 'one' },
    ];
    expect(problemsOf({ clauses })).toEqual([]);
  });

  test.each<[string, unknown, string[]]>([
    ['nothing', {}, [' WITH_FIELD_MISSING']],
    ['no clause', { clauses: [] }, ['.clauses FIELD_INVALID']],
    ['no list', { clauses: { command: 'x' } }, ['.clauses FIELD_INVALID']],
    ['a template in place of clauses', { clauses: '{{ input.clauses }}' }, ['.clauses FIELD_INVALID']],
    ['fields beside its clauses', { clauses: [{ files: 'a' }], command: 'x' }, ['.command FIELD_UNKNOWN']],
    ['what is no clause', { clauses: ['npm test'] }, ['.clauses[0] FIELD_INVALID']],
    ['an empty clause', { clauses: [{ files: 'a' }, {}] }, ['.clauses[1] FIELD_INVALID']],
    ['a clause with a name alone', { clauses: [{ name: 'x' }] }, ['.clauses[0] FIELD_INVALID']],
    ['two clauses in one', { clauses: [{ command: 'x', text: 'x' }] }, ['.clauses[0] FIELD_INVALID']],
    ['a mistyped clause', { clauses: [{ comand: 'x' }] }, ['.clauses[0].comand FIELD_UNKNOWN']],
    ['an unknown field', { clauses: [{ command: 'x', expect: 0 }] }, ['.clauses[0].expect FIELD_UNKNOWN']],
    [
      'a field of another clause',
      { clauses: [{ expression: 'true', status: 0 }] },
      ['.clauses[0].status FIELD_UNKNOWN'],
    ],
    ['a text that is asked nothing', { clauses: [{ text: 'x' }] }, ['.clauses[0] FIELD_INVALID']],
    [
      'an empty text to look for',
      { clauses: [{ text: 'x', contains: '' }] },
      ['.clauses[0].contains FIELD_INVALID'],
    ],
    [
      'nothing to look for',
      { clauses: [{ text: 'x', contains: [] }] },
      ['.clauses[0].contains FIELD_INVALID'],
    ],
    [
      'a wrong regular expression',
      { clauses: [{ text: 'x', matches: '(' }] },
      ['.clauses[0].matches FIELD_INVALID'],
    ],
    ['a value without a schema', { clauses: [{ value: 1 }] }, ['.clauses[0].schema FIELD_INVALID']],
    [
      'a schema that takes anything',
      { clauses: [{ value: 1, schema: {} }] },
      ['.clauses[0].schema FIELD_INVALID'],
    ],
    [
      'a wrong schema',
      { clauses: [{ value: 1, schema: { type: 'x' } }] },
      ['.clauses[0].schema FIELD_INVALID'],
    ],
    ['no files', { clauses: [{ files: [] }] }, ['.clauses[0].files FIELD_INVALID']],
    [
      'a wrong expression',
      { clauses: [{ expression: '1 +' }] },
      ['.clauses[0].expression EXPRESSION_INVALID'],
    ],
    [
      'an expression that is no answer',
      { clauses: [{ expression: '1' }] },
      ['.clauses[0].expression EXPRESSION_INVALID'],
    ],
    [
      'a status that no process has',
      { clauses: [{ command: 'x', status: 256 }] },
      ['.clauses[0].status FIELD_INVALID'],
    ],
    [
      'a judge, which needs a model',
      { clauses: [{ judge: { rubric: 'good' } }] },
      ['.clauses[0].judge NOT_SUPPORTED_YET'],
    ],
  ])('may not hold %s', (_what, given, expected) => {
    expect(problemsOf(given)).toEqual(expected);
  });

  test('names the clause that was meant, at its line', () => {
    const text =
      'pawl: 1\nworkflow: w\nversion: "1"\nsteps:\n  s:\n    kind: verify\n    with:\n      clauses:\n        - { comand: npm test }\n';
    expect(validateText(text).problems).toMatchObject([
      {
        line: 9,
        message: expect.stringContaining('there is no field "comand" here (did you mean "command"?)'),
      },
    ]);
  });
});
