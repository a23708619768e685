/** Graphs in TypeScript: a builder that gives the document that YAML would, checked by the compiler as far as it can see. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { jsonSchemaOf } from '../std/index.ts';
import type {
  Added,
  BuildOptions,
  CheckedBuild,
  CheckedStep,
  EdgeOptions,
  Named,
  NoOthers,
  Problem,
  StepOptions,
  RunOutput,
} from './builder-types.ts';
import type { GraphOptions, GraphSurroundings, Head, HeadOf } from './graph-options.ts';
import { documentOf } from './document.ts';
import { withFirstState } from './first-state.ts';
import { type GraphWorkflow, workflowOf } from './graph-workflow.ts';
import { isRecord } from './expression-types.ts';
import type { DocumentPath } from './problem.ts';
import { validateDocument } from './validate.ts';

/** A graph that is being built; each call gives a new one. `Later`: steps that were named before they were there. */
export interface GraphBuilder<H extends Head, Steps extends object, Later extends string> {
  // The new steps stand here and not under a name of their own: the compiler would go through all of their history at each step.
  /** Adds a step. Expressions may name steps that come later. */
  step<const Name extends string, const S extends StepOptions<H['retries'], H['kinds']>>(
    name: Name & (Name extends keyof Steps | 'end' ? Problem<`there is a step "${Name}" already`> : unknown),
    step: S & CheckedStep<H, Steps, S>,
  ): GraphBuilder<H, Steps & { readonly [N in Name]: Added<H, S> }, Later | Named<S>>;
  /** Adds an edge between steps that are there; `end` ends a path. */
  edge<const From extends keyof Steps & string, const When extends string>(
    from: From,
    to: (keyof Steps & string) | 'end',
    options?: EdgeOptions<H, Steps, [From, When]>,
  ): GraphBuilder<H, Steps, Later>;
  /**
   * Validates the graph, as its YAML would be.
   * @throws `GRAPH_INVALID` with all of its problems; `cause` is the list of them
   */
  readonly build: [Exclude<Later, keyof Steps>] extends [never]
    ? Build<H, Steps>
    : Problem<`there is no step "${Exclude<Later, keyof Steps>}"`>;
}

type Build<H extends Head, Steps> = <const B extends BuildOptions<keyof Steps & string> = object>(
  options?: B & CheckedBuild<H, Steps, B>,
) => GraphWorkflow<H['input'], RunOutput<H, Steps, B>, H['given']>;

/**
 * Begins a graph; its fields are those of the YAML form, with schemas of a library (Standard Schema) where that has JSON Schema.
 * @example
 * const review = graph({ workflow: 'review', version: '1', input: z.object({ ref: z.string() }) })
 *   .step('diff', { kind: 'shell', with: { argv: ['git', 'diff', '{{ input.ref }}'] } })
 *   .step('gate', { kind: 'approval', with: { message: 'Ship {{ steps.diff.output.stdout }}?' } })
 *   .edge('diff', 'gate')
 *   .build();
 */
export function graph<const O extends GraphOptions, const S extends GraphSurroundings = object>(
  options: O & NoOthers<O, keyof GraphOptions>,
  surroundings?: S,
): GraphBuilder<HeadOf<O, S>, object, never> {
  return builderOf<HeadOf<O, S>>({ options, kinds: surroundings?.kinds ?? [], steps: [], edges: [] });
}

/** What was said so far. */
interface Draft {
  readonly options: GraphOptions;
  readonly kinds: NonNullable<GraphSurroundings['kinds']>;
  readonly steps: readonly (readonly [string, unknown])[];
  readonly edges: readonly unknown[];
}

/** The types of a builder are the compiler's; what it does is the same for all of them. */
function builderOf<H extends Head>(draft: Draft): GraphBuilder<H, object, never> {
  const builder = {
    step: (name: string, step: unknown) => builderOf({ ...draft, steps: [...draft.steps, [name, step]] }),
    edge: (from: string, to: string, options?: object) =>
      builderOf({ ...draft, edges: [...draft.edges, { from, to, ...options }] }),
    build: (options?: object) => build(draft, options),
  };
  return builder as unknown as GraphBuilder<H, object, never>;
}

interface Found {
  readonly path: DocumentPath;
  readonly problem: string;
}

function build({ options, kinds, steps, edges }: Draft, rest: object | undefined): GraphWorkflow {
  const found: Found[] = [];
  const { input, state, ...top } = options;
  const { outputSchema, ...more } = (rest ?? {}) as BuildOptions<string>;
  const document = documentOf({
    pawl: 1,
    ...top,
    input: plainSchema(input, ['input'], found),
    state: state && mapped(state, (key, declared) => plainKey(declared, ['state', key], found)),
    ...more,
    outputSchema: plainSchema(outputSchema, ['outputSchema'], found),
    steps: Object.fromEntries(steps.map(([name, step]) => [name, plainStep(step, ['steps', name], found)])),
    edges: edges.length === 0 ? undefined : edges,
  });
  for (const { path, problem } of [...found, ...namedTwice(steps)])
    document.problems.add('FIELD_INVALID', { path, params: { problem } });
  const made = workflowOf(validateDocument(document, { kinds }));
  if (!isStandard(input)) return made;
  return Object.freeze({ ...made, inputSchema: withFirstState(input, made.graph.state) });
}

function mapped(
  record: Readonly<Record<string, unknown>>,
  change: (key: string, value: unknown) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(key, value)]));
}

function namedTwice(steps: Draft['steps']): Found[] {
  const names = new Set<string>();
  return steps.flatMap(([name]) => {
    const isTwice = names.has(name);
    names.add(name);
    return isTwice ? [{ path: ['steps', name], problem: 'the step is there twice' }] : [];
  });
}

function isStandard(schema: unknown): schema is StandardSchemaV1 {
  const isObject = typeof schema === 'object' ? schema !== null : typeof schema === 'function';
  return isObject && '~standard' in (schema as object);
}

/** Schemas of libraries become JSON Schema; whatever else there is, the validator judges. */
function plainSchema(schema: unknown, path: DocumentPath, found: Found[]): unknown {
  if (!isStandard(schema)) return schema;
  const plain = jsonSchemaOf(schema);
  if (!isRecord(plain)) {
    found.push({ path, problem: 'its library gives no JSON Schema for it: write that, or another schema' });
    return undefined;
  }
  const { $schema: _always, ...rest } = plain;
  return rest;
}

/** `{ schema, merge, default }` is JSON Schema with `merge` and `default` in the document. */
function plainKey(declared: unknown, path: DocumentPath, found: Found[]): unknown {
  const isBare = isStandard(declared) || !isRecord(declared) || !isStandard(declared.schema);
  if (isBare) return plainSchema(declared, path, found);
  const { schema, ...rules } = declared;
  return { ...(plainSchema(schema, path, found) as object | undefined), ...rules };
}

function plainStep(step: unknown, path: DocumentPath, found: Found[]): unknown {
  if (!isRecord(step)) return step;
  const outputSchema = plainSchema(step.outputSchema, [...path, 'outputSchema'], found);
  return { ...step, with: plainWith(step, [...path, 'with'], found), outputSchema };
}

function plainWith(step: Readonly<Record<string, unknown>>, path: DocumentPath, found: Found[]): unknown {
  const given = step.with;
  if (!isRecord(given)) return given;
  if (step.kind === 'workflow' && isRecord(given.workflow))
    return { ...given, workflow: given.workflow.name };
  return { ...given, schema: plainSchema(given.schema, [...path, 'schema'], found) };
}
