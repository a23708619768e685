/** Promises of graphs in TypeScript: the document that YAML would give, judged by the same rules. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { isPawlError } from '../errors/index.ts';
import { checkSchema, type Schema } from '../std/index.ts';
import { graph } from './builder.ts';
import { parseGraph } from './graph-workflow.ts';
import type { Problem } from './problem.ts';

/** What building ends with, where it is refused. */
function refused(build: () => unknown): string[] {
  try {
    build();
  } catch (error) {
    if (!isPawlError(error) || error.code !== 'GRAPH_INVALID') throw error;
    return (error.cause as Problem[]).map(({ path, code }) => `${path} ${code}`);
  }
  return [];
}

const YAML = `
pawl: 1
workflow: review
version: "1"
title: Review
input: { type: object, required: [ref], properties: { ref: { type: string }, days: { type: number, default: 1 } } }
state:
  notes: { type: array, items: { type: string }, merge: append }
  risk: { type: number }
  by: { type: string, default: nobody }
retries: { gentle: { attempts: 5, initial: 2s } }
limits: { maxSteps: 100 }
output: { risk: state.risk }
outputSchema: { type: object, properties: { risk: { type: number } }, required: [risk], additionalProperties: false }
steps:
  diff: { kind: shell, with: { argv: [git, diff, "{{ input.ref }}"] }, save: { notes: output.stdout }, retry: gentle }
  judge: { kind: workflow, with: { workflow: judge, input: "{{ state.notes }}" }, save: { risk: output.risk }, outputSchema: { type: object, properties: { risk: { type: number } }, required: [risk], additionalProperties: false } }
  ask: { kind: input, with: { message: Why?, schema: { type: string } } }
  ship: { kind: function, with: { function: ship } }
edges:
  - { from: diff, to: judge }
  - { from: judge, to: ask, when: state.risk > 3 }
  - { from: judge, to: ship, else: true }
  - { from: ask, to: diff, loop: { max: 3 } }
  - { from: ask, to: end, on: [exhausted, expired] }
`;

const judge = graph({ workflow: 'judge', version: '2' }).step('a', { kind: 'join' }).build();

const review = graph({
  workflow: 'review',
  version: '1',
  title: 'Review',
  input: z.object({ ref: z.string(), days: z.number().default(1) }),
  state: {
    notes: { type: 'array', items: { type: 'string' }, merge: 'append' },
    risk: z.number(),
    by: { schema: z.string(), default: 'nobody' },
  },
  retries: { gentle: { attempts: 5, initial: '2s' } },
  limits: { maxSteps: 100 },
})
  .step('diff', {
    kind: 'shell',
    with: { argv: ['git', 'diff', '{{ input.ref }}'] },
    save: { notes: 'output.stdout' },
    retry: 'gentle',
  })
  .step('judge', {
    kind: 'workflow',
    with: { workflow: judge, input: '{{ state.notes }}' },
    save: { risk: 'output.risk' },
    outputSchema: z.strictObject({ risk: z.number() }),
  })
  .step('ask', { kind: 'input', with: { message: 'Why?', schema: z.string() } })
  .step('ship', { kind: 'function', with: { function: 'ship' } })
  .edge('diff', 'judge')
  .edge('judge', 'ask', { when: 'state.risk > 3' })
  .edge('judge', 'ship', { else: true })
  .edge('ask', 'diff', { loop: { max: 3 } })
  .edge('ask', 'end', { on: ['exhausted', 'expired'] });

const output = {
  output: { risk: 'state.risk' },
  outputSchema: z.strictObject({ risk: z.number() }),
} as const;

describe('a graph that is built', () => {
  test('is the document that its YAML is, with the same digest', () => {
    const built = review.build(output);
    const parsed = parseGraph(YAML);
    expect(built.graph.source).toEqual(parsed.graph.source);
    expect(built.digest).toBe(parsed.digest);
    expect([built.name, built.version, built.warnings]).toEqual(['review', '1', []]);
  });

  test('checks what a start passes with the schema that was given', () => {
    const { inputSchema } = review.build(output);
    expect(checkSchema(inputSchema as Schema, { ref: 'v1' }, 'w')).toEqual({
      ok: true,
      value: { ref: 'v1', days: 1 },
    });
    expect(Object.isFrozen(review.build(output))).toBe(true);
  });

  test('checks what a start passes with JSON Schema that was written out', () => {
    const built = graph({ workflow: 'w', version: '1', input: { type: 'string' } })
      .step('a', { kind: 'join' })
      .build();
    expect(checkSchema(built.inputSchema as Schema, 1, 'w').ok).toBe(false);
  });

  test('leaves what it was made of as it was, so that two can begin alike', () => {
    const begun = graph({ workflow: 'w', version: '1' }).step('a', { kind: 'join' });
    const longer = begun.step('b', { kind: 'join' }).edge('a', 'b').build({ start: 'a' });
    const names = (steps: readonly { name: string }[]) => steps.map(({ name }) => name);
    expect(names(longer.graph.steps)).toEqual(['a', 'b']);
    expect(names(begun.build().graph.steps)).toEqual(['a']);
  });

  test('has another digest when anything changes', () => {
    expect(review.build().digest).not.toBe(review.build(output).digest);
  });

  test('may use kinds that somebody brings', () => {
    const built = graph({ workflow: 'w', version: '1' }, { kinds: [{ name: 'deploy' }] })
      .step('a', { kind: 'deploy', with: { to: 'prod' } })
      .build();
    expect(built.graph.steps[0]?.kind).toMatchObject({ name: 'deploy', opens: 'step', labels: ['ok'] });
  });
});

/** What the compiler would refuse, as JavaScript would pass it. */
const loose = graph as unknown as (options: unknown) => Loose;
interface Loose {
  step(name: string, step: unknown): Loose;
  edge(from: string, to: string, options?: unknown): Loose;
  build(options?: unknown): unknown;
}

describe('a graph that is wrong', () => {
  test('is refused with everything that is wrong with it', () => {
    const build = () =>
      loose({ workflow: 'w', version: '1', state: { n: {} } })
        .step('a', { kind: 'shel', save: { m: '1' } })
        .step('b', 'b')
        .edge('a', 'c', { on: 'ok' })
        .edge('b', 'a', { when: 'nope(' })
        .build({ output: 'stat.n' });
    expect(refused(build)).toEqual([
      'steps.a.kind STEP_KIND_UNKNOWN',
      'steps.a.save.m STATE_KEY_UNKNOWN',
      'steps.b FIELD_INVALID',
      'steps.b.kind FIELD_INVALID',
      'steps.b.kind STEP_KIND_UNKNOWN',
      'edges[0].to STEP_UNKNOWN',
      'edges[1].when EXPRESSION_INVALID',
      'output EXPRESSION_INVALID',
    ]);
  });

  test('J23 has no name and no version made up for it', () => {
    expect(refused(() => loose({}).step('a', { kind: 'join' }).build())).toEqual([
      'workflow FIELD_INVALID',
      'version FIELD_INVALID',
    ]);
  });

  test('has a step twice: neither is lost in silence', () => {
    const build = () =>
      loose({ workflow: 'w', version: '1' }).step('a', { kind: 'join' }).step('a', { kind: 'join' }).build();
    expect(refused(build)).toEqual(['steps.a FIELD_INVALID']);
  });

  test('has schemas of a library that gives no JSON Schema: none is left unchecked', () => {
    const silent = {
      '~standard': { version: 1, vendor: 'silent', validate: (value: unknown) => ({ value }) },
    };
    const callable = Object.assign(() => undefined, silent);
    const build = () =>
      loose({ workflow: 'w', version: '1', input: callable, state: { a: silent, b: { schema: silent } } })
        .step('a', { kind: 'input', with: { schema: silent }, outputSchema: z.date() })
        .build({ outputSchema: silent });
    expect(refused(build)).toEqual([
      'input FIELD_INVALID',
      'state.a FIELD_INVALID',
      'state.b FIELD_INVALID',
      'outputSchema FIELD_INVALID',
      'steps.a.outputSchema FIELD_INVALID',
      'steps.a.with.schema FIELD_INVALID',
    ]);
  });

  test('holds what is no JSON', () => {
    expect(
      refused(() =>
        loose({ workflow: 'w', version: '1', metadata: { at: new Date(0) } })
          .step('a', { kind: 'join' })
          .build(),
      ),
    ).toEqual([' DOCUMENT_INVALID']);
  });
});
