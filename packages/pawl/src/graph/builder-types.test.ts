/** What the compiler sees of a graph that is built. A line that must not compile says so. */
import { describe, expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { type AnyKind, defineKind } from '../step/index.ts';
import { graph } from './builder.ts';
import type { GraphWorkflow } from './graph-workflow.ts';

const started = graph({
  workflow: 'review',
  version: '1',
  input: z.object({ ref: z.string(), days: z.number().default(1) }),
  state: {
    notes: { type: 'array', items: { type: 'string' }, merge: 'append' },
    found: { type: 'object', properties: { file: { type: 'string' } }, required: ['file'], merge: 'merge' },
    risk: z.number(),
    count: { type: 'integer', merge: 'sum' },
    by: { schema: z.string(), default: 'nobody' },
    any: {},
  },
});

const open = graph({ workflow: 'open', version: '1' });

/** What a run of a graph gives. */
type Output<G extends { readonly types?: { readonly output: unknown } }> = NonNullable<G['types']>['output'];

describe('the types of a graph', () => {
  test('are those of its input: what a start passes, and what expressions see', () => {
    const made = started.step('a', { kind: 'join' }).build();
    expectTypeOf(made).toExtend<
      GraphWorkflow<{ ref: string; days: number }, unknown, { ref: string; days?: number | undefined }>
    >();
    const written = graph({
      workflow: 'w',
      version: '1',
      input: {
        type: 'object',
        required: ['ref'],
        properties: { ref: { type: 'string' }, n: { type: ['integer', 'null'] }, how: { enum: ['a', 'b'] } },
      },
    })
      .step('a', { kind: 'join' })
      .build();
    expectTypeOf(written).toExtend<
      GraphWorkflow<{ readonly ref: string; readonly n?: number | null; readonly how?: 'a' | 'b' }>
    >();
    expectTypeOf(open.step('a', { kind: 'join' }).build()).toExtend<GraphWorkflow>();
  });

  test('are those of its output: paths of input, state and steps', () => {
    const made = started
      .step('look', { kind: 'shell', with: { command: 'look' } })
      .step('ask-ada', { kind: 'input', with: { schema: z.object({ yes: z.boolean() }) } })
      .build({
        output: {
          ref: 'input.ref',
          risk: ' state.risk ',
          notes: 'state.notes',
          file: 'state.found.file',
          count: 'state.count',
          by: 'state.by',
          text: 'steps.look.output.stdout',
          code: 'steps["look"].output.exitCode',
          yes: "steps['ask-ada'].output.yes",
          size: 'state.notes.size()',
          any: 'state.any',
        },
      });
    expectTypeOf<Output<typeof made>>().toEqualTypeOf<{
      readonly ref: string;
      readonly risk: number | null;
      readonly notes: readonly string[];
      readonly file: string;
      readonly count: number;
      readonly by: string;
      readonly text: string;
      readonly code: number | null;
      readonly yes: boolean;
      readonly size: unknown;
      readonly any: unknown;
    }>();
  });

  test('are those of one expression, of a schema, or of the final state', () => {
    const one = open.step('a', { kind: 'http', with: { url: 'https://x.test' } });
    const whole = one.build({ output: 'steps.a.output.status' });
    expectTypeOf<Output<typeof whole>>().toEqualTypeOf<number>();
    const checked = one.build({ output: 'steps.a.output.body', outputSchema: z.object({ n: z.number() }) });
    expectTypeOf<Output<typeof checked>>().toEqualTypeOf<{ n: number }>();
    const state = graph({ workflow: 'w', version: '1', state: { n: { type: 'integer', merge: 'sum' } } })
      .step('a', { kind: 'join' })
      .build();
    expectTypeOf<Output<typeof state>>().toEqualTypeOf<{ readonly n: number }>();
    const inherited = graph({
      workflow: 'w',
      version: '1',
      stateFrom: 'input',
      input: z.object({ ref: z.string() }),
      state: { n: { type: 'integer', merge: 'sum' } },
    })
      .step('a', { kind: 'join', with: {}, save: { n: 'state.n' } })
      .build();
    expectTypeOf<Output<typeof inherited>>().toEqualTypeOf<{ ref: string; readonly n: number }>();
  });

  test('are those of functions and children', () => {
    const functions = { review: async (_input: { text: string }) => ({ risk: 3 }) };
    const child = started.step('a', { kind: 'join' }).build({ output: 'state.risk' });
    const made = graph({ workflow: 'w', version: '1' }, { functions })
      .step('review', { kind: 'function', with: { function: 'review', input: { text: '' } } })
      .step('chosen', { kind: 'function', with: { function: '{{ input.name }}' } })
      .step('child', { kind: 'workflow', with: { workflow: child, input: { ref: 'v1' } } })
      .step('other', { kind: 'workflow', with: { workflow: 'other' }, outputSchema: { type: 'string' } })
      .build({
        output: {
          risk: 'steps.review.output.risk',
          child: 'steps.child.output',
          other: 'steps.other.output',
        },
      });
    expectTypeOf<Output<typeof made>>().toEqualTypeOf<{
      readonly risk: number;
      readonly child: number | null;
      readonly other: string;
    }>();
    const reviewed = graph({ workflow: 'w', version: '1' }, { functions });
    // @ts-expect-error nobody gave such a function
    reviewed.step('a', { kind: 'function', with: { function: 'revue' } });
  });
});

describe('the compiler takes', () => {
  test('whatever the format takes', () => {
    started
      .step('sort', {
        kind: 'condition',
        with: { branches: [{ name: 'high', when: 'state.risk > 3' }], default: 'low' },
      })
      .step('first', {
        kind: 'shell',
        // a step that comes later, a text that is code to nobody, a method, a map of its own
        with: { argv: ['{{ steps.later.output }} "state.x" {{ state.notes.filter(n, n != "state.y") }}'] },
        save: { notes: 'output.stdout', risk: 'double(output.exitCode)', found: '{"file": output.stdout}' },
        retry: 'io',
      })
      .step('check', {
        kind: 'verify',
        with: { clauses: [{ command: 'npm test', contains: 'ok' }, { expression: 'state.risk < 3' }] },
      })
      .step('later', { kind: 'join', join: { count: 1, losers: 'cancel' }, finalize: 'always' })
      .edge('sort', 'first', { on: ['high', 'low'] })
      .edge('sort', 'end', { on: '*', else: true })
      .edge('first', 'sort', {
        loop: { max: 3 },
        when: "has(steps.sort.outcome) && x.state.foo == 'input.y'",
      })
      .edge('first', 'end', { on: 'exhausted' });
  });

  test('texts that it cannot read, and leaves them to the validator', () => {
    const text: string = 'state.nothing';
    started.step('a', {
      kind: 'shell',
      with: { command: text, stdin: '{{ "\\" state.x" }}' },
      save: { notes: text },
    });
    expect(() => started.step('b', { kind: 'join', save: text }).build({ output: { a: text } })).toThrow(
      'No such key',
    );
  });

  test('kinds that somebody brings', () => {
    const deploy = { name: 'deploy', labels: ['shipped'] } as const;
    graph({ workflow: 'w', version: '1' }, { kinds: [deploy] })
      .step('a', { kind: 'deploy', with: { to: 'prod' } })
      .step('b', { kind: 'shell', with: { command: 'x' } })
      .edge('a', 'b', { on: 'shipped' });
    const brought = graph({ workflow: 'w', version: '1' }, { kinds: [deploy] });
    // @ts-expect-error a kind that is built in stays what it is
    brought.step('a', { kind: 'shell', with: { to: 'x' } });
    // @ts-expect-error nobody brings such a kind
    brought.step('a', { kind: 'deplay' });
    const nameless: AnyKind = defineKind({ name: 'deploy', execute: async () => ({ output: 1 }) });
    graph({ workflow: 'w', version: '1' }, { kinds: [nameless] }).step('a', {
      kind: 'deploy',
      with: { to: 'x' },
    });
  });
});

describe('the compiler refuses', () => {
  test('a step that is wrong', () => {
    // @ts-expect-error there is no such kind
    open.step('a', { kind: 'shel' });
    // @ts-expect-error there is no such field
    open.step('a', { kind: 'join', tiemout: '3s' });
    // @ts-expect-error there is no such field of the kind
    open.step('a', { kind: 'shell', with: { argw: ['x'] } });
    // @ts-expect-error it is no list
    open.step('a', { kind: 'shell', with: { argv: 1 } });
    // @ts-expect-error a clause has no such field
    open.step('a', { kind: 'verify', with: { clauses: [{ text: 'x', holds: 'y' }] } });
    // @ts-expect-error a message is needed
    open.step('a', { kind: 'approval' });
    // @ts-expect-error it is not built in
    open.step('a', { kind: 'model' });
    // @ts-expect-error it is there already
    open.step('a', { kind: 'join' }).step('a', { kind: 'join' });
    // @ts-expect-error it ends a path
    open.step('end', { kind: 'join' });
  });

  test('an expression that speaks of what is not there', () => {
    // @ts-expect-error no such key of the state
    started.step('a', { kind: 'shell', with: { command: 'x {{ state.rsk }}' } });
    // @ts-expect-error no such field of the input
    started.step('a', { kind: 'shell', with: { argv: ['x', '{{ input.reff }}'] } });
    // @ts-expect-error in an index
    started.step('a', { kind: 'shell', with: { command: '{{ input["reff"] }}' } });
    // @ts-expect-error inside of an object
    started.step('a', { kind: 'function', with: { function: 'f', input: { a: { b: '{{ input.reff }}' } } } });
    // @ts-expect-error before a step has ended it has no output
    started.step('a', { kind: 'shell', with: { command: '{{ output.stdout }}' } });
    // @ts-expect-error in a branch
    started.step('a', { kind: 'condition', with: { branches: [{ name: 'b', when: 'state.rsk > 1' }] } });
    // @ts-expect-error a shell has no such output
    started.step('a', { kind: 'shell', save: { notes: 'output.stdot' } });
    const one = started.step('a', { kind: 'shell', with: { command: 'x' } });
    // @ts-expect-error a step has no such view
    one.step('b', { kind: 'shell', with: { command: '{{ steps.a.stdout }}' } });
    // @ts-expect-error the output of the step before the edge
    one.edge('a', 'end', { when: '1 < 2 && output.code == 0' });
    // @ts-expect-error at the end
    expect(() => one.build({ output: { x: 'steps.a.outputs' } })).toThrow('a step has no "outputs"');
    const named = one.step('b', { kind: 'shell', with: { command: '{{ steps.c.output }}' } });
    // @ts-expect-error a step that never came
    expect(() => named.build()).toThrow('there is no step "c"');
    const saved = one.step('b', { kind: 'join', save: { any: 'steps["c-d"].output' } });
    // @ts-expect-error a step that never came, in a save
    expect(() => saved.build()).toThrow('there is no step "c-d"');
  });

  test('a save that does not fit', () => {
    // @ts-expect-error the state has no such key
    started.step('a', { kind: 'join', save: { notez: '1' } });
    // @ts-expect-error a text is no number
    started.step('a', { kind: 'shell', save: { risk: 'output.stdout' } });
    // @ts-expect-error a number is no item of a list of texts
    started.step('a', { kind: 'shell', save: { notes: 'output.exitCode' } });
  });

  test('an edge that is wrong', () => {
    const one = open.step('a', { kind: 'approval', with: { message: 'm' } });
    // @ts-expect-error no such step
    one.edge('a', 'b');
    // @ts-expect-error no such step
    one.edge('b', 'end');
    // @ts-expect-error an approval never ends so
    one.edge('a', 'end', { on: 'ok' });
    // @ts-expect-error one of several
    one.edge('a', 'end', { on: ['approved', 'answered'] });
    // @ts-expect-error they exclude each other
    one.edge('a', 'end', { else: true, when: 'true' });
  });

  test('a graph that is wrong', () => {
    // @ts-expect-error J23 a version is never made up
    graph({ workflow: 'w' });
    // @ts-expect-error a version is text
    graph({ workflow: 'w', version: 1 });
    // @ts-expect-error no such field
    graph({ workflow: 'w', version: '1', verison: '1' });
    const one = open.step('a', { kind: 'join' });
    // @ts-expect-error it begins at a step that is there
    expect(() => one.build({ start: 'b' })).toThrow('there is no such step');
    // @ts-expect-error no such field
    expect(() => one.build({ outptu: 'state' })).toThrow('there is no field "outptu" here');
  });
});
