/** Promises of a graph as a workflow: whole or refused, with one digest however it was written. */
import { describe, expect, test } from 'vitest';
import { isPawlError } from '../errors/index.ts';
import { checkSchema, jsonSchemaOf, type Schema } from '../std/index.ts';
import { graphFrom, type GraphWorkflow, isGraphWorkflow, parseGraph } from './graph-workflow.ts';
import type { Problem } from './problem.ts';
import type { ValidationOptions } from './validate.ts';

const TEXT = 'pawl: 1\nworkflow: w\nversion: "1"\nsteps:\n  a: { kind: join }\n';

/** What a document is refused with: the message, and the list of problems. */
function refusal(make: () => GraphWorkflow): { message: string; problems: readonly Problem[] } {
  try {
    make();
  } catch (error) {
    if (!isPawlError(error) || error.code !== 'GRAPH_INVALID') throw error;
    return { message: error.message, problems: error.cause as readonly Problem[] };
  }
  throw new Error('it was accepted');
}

describe('a graph as a workflow', () => {
  test('has the same digest of YAML, JSON and a plain value', () => {
    const { name, version, digest, graph, warnings } = parseGraph(TEXT);
    expect([name, version, warnings]).toEqual(['w', '1', []]);
    expect(graph.steps.map((step) => step.name)).toEqual(['a']);
    expect(parseGraph(JSON.stringify(graph.source)).digest).toBe(digest);
    expect(graphFrom(graph.source).digest).toBe(digest);
  });

  test('cannot be changed after it was made', () => {
    expect(Object.isFrozen(parseGraph(TEXT))).toBe(true);
  });

  test('is recognized among other values', () => {
    expect(isGraphWorkflow(parseGraph(TEXT))).toBe(true);
    for (const other of [null, 'w', {}, { name: 'w', digest: 'x' }, { name: 'w', digest: 'x', graph: {} }])
      expect(isGraphWorkflow(other)).toBe(false);
  });

  test('keeps what is odd about it', () => {
    const odd = `${TEXT}  b: { kind: approval, with: { message: ok } }\nedges: [a -> b]`;
    const warnings = parseGraph(odd).warnings.map(({ code, path }) => `${path} ${code}`);
    expect(warnings).toEqual(['steps.b LABEL_UNHANDLED']);
  });
});

describe('a graph that is wrong', () => {
  test('is refused with everything that is wrong with it, and where', () => {
    const { message, problems } = refusal(() => parseGraph(`${TEXT}  b: { kind: shel }\nedges: [a -> c]\n`));
    expect(message).toBe(
      [
        'The graph is refused:',
        '  6:8 STEP_KIND_UNKNOWN: steps.b.kind: there is no kind "shel" (did you mean "shell"?).',
        '  7:9 STEP_UNKNOWN: edges[0].to: there is no step "c".',
      ].join('\n'),
    );
    expect(problems.map(({ code }) => code)).toEqual(['STEP_KIND_UNKNOWN', 'STEP_UNKNOWN']);
  });

  test('has no name or version made up for it', () => {
    const nameless = refusal(() => graphFrom({ pawl: 1, steps: { a: { kind: 'join' } } }));
    expect(nameless.problems.map(({ path, code }) => `${path} ${code}`)).toEqual([
      'workflow FIELD_INVALID',
      'version FIELD_INVALID',
    ]);
  });

  test('lists some of very many problems in its message, and all in its cause', () => {
    const steps = Object.fromEntries(Array.from({ length: 30 }, (_none, index) => [`s${index}`, {}]));
    const { message, problems } = refusal(() => graphFrom({ pawl: 1, workflow: 'w', version: '1', steps }));
    expect(message).toContain(`\n  and ${problems.length - 20} more`);
    expect(message.split('\n')).toHaveLength(22);
  });

  test('is refused where this version would not enforce it, by its name', () => {
    const { message } = refusal(() => parseGraph(`${TEXT}budget: { usd: 1 }\n`));
    expect(message).toContain('The graph "w" is refused:\n  6:1 NOT_SUPPORTED_YET');
  });
});

describe('kinds that somebody brings', () => {
  const text = `${TEXT}  b: { kind: deploy, with: { to: prod } }\nedges: [{ from: b, to: a, on: shipped }]\n`;

  test.each<[NonNullable<ValidationOptions['kinds']>[number], boolean]>([
    [{ name: 'deploy', labels: ['shipped'] }, true],
    [{ name: 'deploy' }, false],
    [{ name: 'deploy', labels: ['shipped'], required: ['where'] }, false],
    [{ name: 'deploy', labels: ['shipped'], queue: 'q', opens: 'wait', optional: ['to'] }, true],
    [{ name: 'deploy', labels: ['shipped'], isLater: true }, false],
  ])('are taken as they are: %o', (kind, isRight) => {
    const make = () => parseGraph(text, { kinds: [kind] });
    if (isRight) expect(make().graph.steps[1]?.kind).toMatchObject(kind);
    else expect(refusal(make).problems).toHaveLength(1);
  });

  test('stand in for kinds that have no executor yet', () => {
    const later = `${TEXT}  b: { kind: model }\n`;
    expect(refusal(() => parseGraph(later)).problems).toHaveLength(1);
    expect(parseGraph(later, { kinds: [{ name: 'model' }] }).name).toBe('w');
  });
});

describe('the schema of the input', () => {
  const input =
    '{ type: object, required: [ref], properties: { ref: { type: string }, n: { type: integer, default: 3 }, "a/b": {} } }';
  const { inputSchema } = parseGraph(`${TEXT}input: ${input}\n`);

  test('checks what a start passes, and fills in defaults in a copy', () => {
    const given = { ref: 'v1' };
    expect(checkSchema(inputSchema as Schema, given, 'w')).toEqual({ ok: true, value: { ref: 'v1', n: 3 } });
    expect(given).toEqual({ ref: 'v1' });
    expect(checkSchema(inputSchema as Schema, { ref: 1, n: 'x' }, 'w')).toEqual({
      ok: false,
      issues: '$.ref: must be string',
    });
    expect(checkSchema(inputSchema as Schema, undefined, 'w')).toEqual({
      ok: false,
      issues: '$: must be object',
    });
  });

  test('is the one of the document to whoever asks', () => {
    expect(jsonSchemaOf(inputSchema)).toMatchObject({ required: ['ref'] });
  });

  test('is absent where none was declared', () => {
    expect(parseGraph(TEXT).inputSchema).toBeUndefined();
  });
});
