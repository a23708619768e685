/** A graph that passed its validation: steps, edges and loops with everything resolved, ready to be driven. */
import type { Json, ValueSchema } from '../std/index.ts';
import type { RetryPolicy } from '../step/index.ts';
import type { Expression } from './expression.ts';
import type { MergeRule } from './fields.ts';
import type { KindSpec } from './kind-spec.ts';
import type { Question } from './question.ts';
import type { Template } from './template.ts';

export interface Graph {
  readonly name: string;
  readonly version: string;
  /** Of the canonical form: what two graphs with the same one do is the same. */
  readonly digest: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** In the order of their declaration. */
  readonly steps: readonly GraphStep[];
  readonly loops: readonly GraphLoop[];
  /** Steps that begin, in order of declaration. */
  readonly start: readonly GraphStep[];
  /** Steps that run after the end of everything else, in order of declaration. */
  readonly finalizers: readonly GraphStep[];
  readonly state: GraphState;
  readonly input?: ValueSchema | undefined;
  /** Undefined: the final state. */
  readonly output?: Assignment | undefined;
  readonly outputSchema?: ValueSchema | undefined;
  readonly deadlineMs?: number | undefined;
  readonly onFailure: 'cancel' | 'drain';
  readonly limits: GraphLimits;
  /** The document that it was made of. */
  readonly source: Json;
}

export interface GraphLimits {
  readonly maxConcurrentSteps: number;
  readonly maxDispatch: number;
  readonly maxSteps: number;
}

export interface GraphState {
  /** Undefined: any key may be saved, and replaces. */
  readonly keys: ReadonlyMap<string, StateKey> | undefined;
  readonly startsFromInput: boolean;
}

export interface StateKey {
  readonly merge: MergeRule;
  readonly first: Json;
  /** Undefined: any value that its rule takes. */
  readonly schema?: StateSchema | undefined;
}

/** Of the whole value of a key. */
export interface StateSchema extends ValueSchema {
  /** What is appended or merged fits by itself, or not at all: what is there need not be looked at again. */
  readonly isByPart: boolean;
}

/** One expression for the whole value, or one for each key. */
export type Assignment =
  | { readonly type: 'whole'; readonly expression: Expression }
  | { readonly type: 'keys'; readonly keys: readonly (readonly [string, Expression])[] };

/** What is done: by a step of the graph, or for each item of a map. */
export interface Work {
  /** Of an item's work: the name of its map. */
  readonly name: string;
  readonly kind: KindSpec;
  readonly title?: string | undefined;
  readonly with: Template;
  /** Undefined: the kind's own policy, else the default. */
  readonly retry: RetryPolicy | undefined;
  readonly timeoutMs: number | undefined;
  readonly deadlineMs: number | undefined;
  readonly heartbeatMs: number | undefined;
  readonly isAtMostOnce: boolean;
  readonly isRepeatable: boolean;
  /** Undefined: that of the kind. */
  readonly queue: string | undefined;
  readonly isDispatched: boolean | undefined;
  readonly outputSchema: ValueSchema | undefined;
  /** Of a condition: the first that is true is its label. */
  readonly choice: Choice | undefined;
  /** Expressions inside `with` that are no templates. */
  readonly questions: readonly Question[];
}

export interface GraphStep extends Work {
  readonly index: number;
  readonly save: Assignment | undefined;
  /** How many taken edges start it; `all`: as many as are taken once none is pending. */
  readonly join: 'all' | { readonly count: number; readonly cancelsLosers: boolean };
  readonly finalize: 'success' | 'failure' | 'always' | undefined;
  /** Of a map: what runs for each item; its own `with` holds the list and the numbers. */
  readonly map: MapPlan | undefined;
  /** In order of declaration, loop edges included. */
  readonly outgoing: GraphEdge[];
  /** Without loop edges. */
  readonly incoming: GraphEdge[];
  /** The loops whose body it is part of, innermost first. */
  loops: readonly GraphLoop[];
  /** Where a path ends here because no edge names a good label. */
  readonly ending: GraphEdge;
}

export interface Choice {
  readonly branches: readonly { readonly name: string; readonly when: Expression }[];
  readonly otherwise: string | undefined;
}

/** When a map has enough: every item has ended; one good item; as many good ones as it asks for. */
export type MapStrategy = 'all' | 'first' | 'quorum' | 'minSuccess';

export interface MapPlan {
  readonly strategy: MapStrategy;
  /** Its templates speak of `item` and `index` too. */
  readonly item: Work;
  /** Gives the name of an item in its path; undefined: `item:<index>`. */
  readonly key: Template | undefined;
  /** Whether the templates of an item mention `steps`: only then those are kept as they were when the map started. */
  readonly readsSteps: boolean;
}

export interface GraphEdge {
  /** Its place in the document: `edges[3]`. */
  readonly path: string;
  readonly from: GraphStep;
  /** Undefined: the end. */
  readonly to: GraphStep | undefined;
  /** `good`: any good label; `any`: any label at all. */
  readonly labels: ReadonlySet<string> | 'good' | 'any';
  readonly when: Expression | undefined;
  readonly isElse: boolean;
  readonly loop: { readonly max: number; readonly of: GraphLoop } | undefined;
  /** The loops whose body it leads out of, innermost first; it is held until all of them are over. */
  leaves: readonly GraphLoop[];
}

export interface GraphLoop {
  readonly target: GraphStep;
  /** Steps with a loop edge to the target. */
  readonly sources: readonly GraphStep[];
  /** The target, and every step from which a source is reached without passing it. */
  readonly body: readonly GraphStep[];
  /** The largest `max` of its edges. */
  readonly max: number;
  /** Loops inside it that must be over before it is. */
  waitsFor: readonly GraphLoop[];
  /** Loops inside its body, that start anew with it. */
  inner: readonly GraphLoop[];
  /** Edges that lead out of its body, and the ends of paths inside. */
  exits: readonly GraphEdge[];
}
