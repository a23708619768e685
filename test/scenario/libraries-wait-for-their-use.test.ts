/** What a start has to load: the libraries of JSON Schemas and of patterns come with the first schema, and the first pattern. */
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { graphFrom } from '../../packages/pawl/src/index.ts';

const { cache } = createRequire(import.meta.url);

function loaded(): string[] {
  const files = Object.keys(cache);
  return ['ajv', 're2js'].filter((name) => files.some((file) => file.includes(`/node_modules/${name}/`)));
}

test('a graph without schemas needs neither of them', () => {
  const graph = {
    pawl: 1,
    workflow: 'w',
    version: '1',
    steps: { a: { kind: 'join', save: { x: 'output' } } },
  };
  graphFrom(graph);
  expect(loaded()).toEqual([]);
  graphFrom({ ...graph, state: { x: { type: 'string' } } });
  expect(loaded()).toEqual(['ajv']);
  graphFrom({ ...graph, state: { x: { pattern: 'a' } } });
  expect(loaded()).toEqual(['ajv', 're2js']);
});
