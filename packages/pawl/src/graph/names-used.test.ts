/** Promises of the names that a graph uses: all of them, those of items included, and none that a template makes. */
import { expect, test } from 'vitest';
import { functionsNamed, kindsNamed, workflowsNamed } from './names-used.ts';
import { validateText, validateValue } from './validate.ts';

const { graph } = validateText(`pawl: 1
workflow: w
version: "1"
steps:
  a: { kind: function, with: { function: one }, queue: gpu }
  b: { kind: function, with: { function: "{{ 'two' }}" } }
  c: { kind: map, with: { items: [1], step: { kind: function, with: { function: three } } } }
  d: { kind: join }
edges: [a -> b, b -> c, c -> d]
`);

test('kinds and functions are named with their places', () => {
  if (!graph) throw new Error('it is valid');
  expect(kindsNamed(graph)).toEqual([
    { path: 'steps.a.kind', name: 'function', queue: 'gpu' },
    { path: 'steps.b.kind', name: 'function' },
    { path: 'steps.c.kind', name: 'map' },
    { path: 'steps.c.with.step.kind', name: 'function' },
    { path: 'steps.d.kind', name: 'join' },
  ]);
  expect(functionsNamed(graph)).toEqual([
    { path: 'steps.a.with.function', name: 'one', queue: 'gpu' },
    { path: 'steps.c.with.step.with.function', name: 'three' },
  ]);
});

test('workflows are named with their versions', () => {
  const step = (fields: object): object => ({ kind: 'workflow', with: fields });
  const steps = {
    a: step({ workflow: 'one' }),
    b: step({ workflow: 'two', version: '2' }),
    c: step({ workflow: '{{ input.x }}' }),
    d: step({ workflow: 'four', version: '{{ input.x }}' }),
    e: { kind: 'map', with: { items: [1], step: step({ workflow: 'five' }) } },
    f: { kind: 'function', with: { function: 'x' }, queue: 'gpu' },
    g: { kind: 'join' },
  };
  const { graph: made } = validateValue({ pawl: 1, workflow: 'w', version: '1', steps });
  if (!made) throw new Error('it is valid');
  expect(workflowsNamed(made)).toEqual([
    { path: 'steps.a.with.workflow', name: 'one' },
    { path: 'steps.b.with.workflow', name: 'two', version: '2' },
    { path: 'steps.e.with.step.with.workflow', name: 'five' },
  ]);
  expect(functionsNamed(made)).toEqual([{ path: 'steps.f.with.function', name: 'x', queue: 'gpu' }]);
});

test('of a document that is no graph there are none', () => {
  if (!graph) throw new Error('it is valid');
  for (const source of [null, { steps: 1 }, { steps: { a: 1, b: { with: {} }, c: { kind: 'map' } } }])
    expect(functionsNamed({ ...graph, source })).toEqual([]);
});
