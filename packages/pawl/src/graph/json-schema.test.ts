/** Promises of the JSON Schema for editors: it takes what the validator takes, and sees the mistakes that one line shows. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { graphJsonSchema } from './json-schema.ts';
import { validateText } from './validate.ts';

const fits = new Ajv2020({ strict: false }).compile(graphJsonSchema());

function text(fields: string): string {
  return `pawl: 1\nworkflow: w\nversion: "1"\n${fields}\n`;
}

describe('the JSON Schema of graphs', () => {
  test.each([
    ['steps: { a: { kind: shell, with: { argv: "{{ input.argv }}", allowExit: [1], cleanEnv: true } } }'],
    ['steps: { a: { kind: http, with: { url: "https://x.test", query: { a: [1, b] }, maxBodyBytes: 10 } } }'],
    ['steps: { a: { kind: approval, with: { message: m, approvers: [ada], deadline: 4h } } }'],
    ['steps: { a: { kind: condition, with: { branches: [{ name: b, when: "true" }] } } }'],
    [
      'steps: { a: { kind: join, join: { count: 1, losers: cancel } }, b: { kind: sleep, with: { for: 1s } } }',
    ],
    [
      'state: { n: { type: number, merge: sum } }\nsteps: { a: { kind: signal, with: { schema: {} }, save: { n: "1" } } }',
    ],
    [
      'limits: { maxSteps: 9 }\nsteps: { a: { kind: join }, b: { kind: join } }\nedges: [a -> b, { from: b, to: end }]',
    ],
  ])('takes what is right: %s', (fields) => {
    expect(validateText(text(fields)).graph).toBeDefined();
    expect(fits(parse(text(fields))), JSON.stringify(fits.errors)).toBe(true);
  });

  test.each([
    ['steps: { a: { kind: shell, with: { argw: [x] } } }'],
    ['steps: { a: { kind: approval } }'],
    ['steps: { a: { kind: approval, with: {} } }'],
    ['steps: { a: { kind: join, tiemout: 1s } }'],
    ['steps: { a: { kind: join } }\nedges: [a b]'],
    ['stpes: {}'],
  ])('sees what is wrong: %s', (fields) => {
    expect(validateText(text(fields)).graph).toBeUndefined();
    expect(fits(parse(text(fields)))).toBe(false);
  });

  test('leaves kinds alone that somebody brings', () => {
    expect(fits(parse(text('steps: { a: { kind: deploy, with: { to: prod } } }')))).toBe(true);
  });
});
