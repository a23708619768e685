/** For tests: small workflows in JamJet's IR, and what they become. */
import { expect } from 'vitest';
import { errorsOf, type Fields, type Imported, imported, unreported } from './imported.ts';

export interface Sample {
  readonly nodes: { readonly [id: string]: Fields };
  readonly edges?: readonly (readonly [string, string, string?])[];
  readonly more?: Fields;
}

/** A workflow that begins at its first node. */
function irOf({ nodes, edges = [], more = {} }: Sample): Fields {
  return {
    workflow_id: 'w',
    version: '0.1.0',
    name: null,
    description: null,
    state_schema: '',
    start_node: Object.keys(nodes)[0] as string,
    nodes: Object.fromEntries(
      Object.entries(nodes).map(([id, { kind, ...fields }]) => [
        id,
        { id, kind: kind ?? fields, ...(kind ? fields : {}) },
      ]),
    ),
    edges: edges.map(([from, to, condition = null]) => ({ from, to, condition })),
    ...more,
  };
}

export function read(sample: Sample): Imported {
  const ir = irOf(sample);
  const made = imported('jamjet', ir);
  expect(unreported('jamjet', ir)).toEqual([]);
  if (made.graph) expect(errorsOf(made.graph)).toEqual([]);
  return made;
}

/** The step that one node becomes. */
export function stepOf(kind: Fields, more: Fields = {}): Fields {
  const made = read({ nodes: { a: { kind } }, more });
  expect(made.refused).toEqual([]);
  return made.steps['a'] as Fields;
}

export const MARK: Fields = { type: 'condition', branches: [] };
