/** What the compiler has against a step, an edge or an output of a graph that is being built, and what a run of it gives. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Duration } from '../std/index.ts';
import type { Retry } from '../step/index.ts';
import type { Described, Head } from './graph-options.ts';
import type { BuiltInKind, KindLabel, KindOutput, StepView, With } from './kind-types.ts';
import type { At, ExpressionsIn, PathProblem, PathsIn, WholePath } from './reference-types.ts';
import type { AnySchema, Made } from './schema-types.ts';

/** Stands where a value must not be, and says why. */
export interface Problem<Text extends string> {
  readonly problem: Text;
}

type Say<Text extends string> = [Text] extends [never] ? unknown : Problem<Text>;

/** Fields that nobody knows: the format is strict. */
export type NoOthers<Value, Fields extends PropertyKey> = {
  readonly [K in Exclude<keyof Value, Fields>]: Problem<`there is no field "${K & string}" here`>;
};

/** What expressions speak of; a step that is not there yet may come. */
interface Before<H extends Head, Steps> {
  readonly input: H['input'];
  readonly state: H['state'];
  readonly steps: Steps & { readonly [later: string]: unknown };
}

interface After<H extends Head, Steps, Output> extends Before<H, Steps> {
  readonly output: Output;
}

/** At the end every step is there. */
interface AtEnd<H extends Head, Steps> {
  readonly input: H['input'];
  readonly state: H['state'];
  readonly steps: Steps;
}

type PathProblems<Scope, Path> = Path extends readonly string[] ? PathProblem<Scope, Path> : never;

/** Nothing, or what is wrong with the paths in an expression, or in one of several. */
type CheckedExpression<Source, Scope> = [Source] extends [string]
  ? Say<PathProblems<Scope, PathsIn<Source>>>
  : unknown;

/** A workflow, or a graph, in the place of its name. */
interface AnyChild {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
}

/** Values that hold no templates. */
type Opaque = StandardSchemaV1 | AnyChild;

/** Every text inside of a value may hold templates. */
type CheckedTemplates<Value, Scope> = unknown extends Value
  ? unknown
  : Value extends Opaque
    ? unknown
    : Value extends string
      ? CheckedExpression<ExpressionsIn<Value>, Scope>
      : Value extends object
        ? { readonly [P in keyof Value]: CheckedTemplates<Value[P], Scope> }
        : unknown;

/** Steps that the templates of a value name. */
type NamedInTemplates<Value> = Value extends string
  ? StepNames<PathsIn<ExpressionsIn<Value>>>
  : Value extends Opaque
    ? never
    : Value extends readonly (infer Item)[]
      ? NamedInTemplates<Item>
      : Value extends object
        ? { [P in keyof Value]: NamedInTemplates<Value[P]> }[keyof Value]
        : never;

/** Steps that an expression names, or those of an object. */
type NamedInExpressions<Value> = Value extends string
  ? StepNames<PathsIn<Value>>
  : Value extends object
    ? { [P in keyof Value]: Value[P] extends string ? StepNames<PathsIn<Value[P]>> : never }[keyof Value]
    : never;

type StepNames<Path> = Path extends readonly ['steps', infer Name extends string, ...string[]] ? Name : never;

interface StepFields<RetryName extends string> extends Described {
  readonly save?: string | { readonly [key: string]: string };
  readonly join?: 'all' | 'any' | { readonly count: number; readonly losers?: 'continue' | 'cancel' };
  readonly retry?: Retry | RetryName;
  readonly timeout?: Duration;
  readonly deadline?: Duration;
  readonly heartbeat?: Duration;
  readonly onExhausted?: 'fail' | 'park';
  readonly atMostOnce?: boolean;
  readonly repeatable?: boolean;
  readonly queue?: string;
  readonly dispatch?: boolean;
  readonly outputSchema?: AnySchema;
  readonly finalize?: 'success' | 'failure' | 'always';
}

/** Schemas of a library may stand for JSON Schema here too, and a workflow for its name. */
type GivenWith<Kind> = Kind extends 'signal' | 'input'
  ? Omit<With<Kind>, 'schema'> & { readonly schema?: AnySchema }
  : Kind extends 'workflow'
    ? Omit<With<'workflow'>, 'workflow'> & {
        readonly workflow: string | AnyChild;
      }
    : With<Kind>;

/** Left out where nothing in it is needed. */
type WithField<Kind> =
  Readonly<Record<string, never>> extends GivenWith<Kind>
    ? { readonly with?: GivenWith<Kind> }
    : { readonly with: GivenWith<Kind> };

type StepOfKind<RetryName extends string, Kind> = StepFields<RetryName> & {
  readonly kind: Kind;
} & WithField<Kind>;

/** A step as it may be written; `kind` says which `with` belongs to it. */
export type StepOptions<RetryName extends string, CustomKind extends string> =
  | { [Kind in BuiltInKind]: StepOfKind<RetryName, Kind> }[BuiltInKind]
  | ([CustomKind] extends [never]
      ? never
      : StepFields<RetryName> & {
          readonly kind: CustomKind;
          readonly with?: { readonly [field: string]: unknown };
        });

type FieldName = keyof StepFields<never> | 'kind' | 'with';

/** What the compiler has against a step. */
export type CheckedStep<H extends Head, Steps, S> = NoOthers<S, FieldName> &
  (S extends { readonly kind: infer Kind extends BuiltInKind } ? StepOfKind<H['retries'], Kind> : unknown) & {
    readonly with?: S extends { readonly kind: infer Kind; readonly with: infer W }
      ? CheckedWith<H, Kind, W> & CheckedTexts<Kind, W, Before<H, Steps>>
      : unknown;
    readonly save?: S extends { readonly save: infer Saved }
      ? CheckedSave<H, Saved, After<H, Steps, OutputOf<H, S>>>
      : unknown;
  };

type CheckedWith<H extends Head, Kind, W> = (Kind extends BuiltInKind
  ? NoOthers<W, keyof GivenWith<Kind> | Open<Kind>>
  : unknown) &
  (Kind extends 'function' ? CheckedFunction<H, W> : unknown);

type CheckedTexts<Kind, W, Scope> = CheckedTemplates<W, Scope> &
  (Kind extends 'condition' ? CheckedBranches<W, Scope> : unknown);

/** Kinds whose fields are not listed here. */
type Open<Kind> = string extends keyof GivenWith<Kind> ? PropertyKey : never;

type CheckedBranches<W, Scope> = W extends { readonly branches: infer Branches }
  ? { readonly branches: { readonly [I in keyof Branches]: CheckedBranch<Branches[I], Scope> } }
  : unknown;

type CheckedBranch<Branch, Scope> = Branch extends { readonly when: infer When }
  ? { readonly name: unknown; readonly when: CheckedExpression<When, Scope> }
  : unknown;

type CheckedFunction<H extends Head, W> = W extends { readonly function: infer Name }
  ? keyof H['functions'] extends never
    ? unknown
    : Name extends keyof H['functions'] | `${string}{{${string}`
      ? unknown
      : { readonly function: Problem<`there is no function "${Name & string}"`> }
  : unknown;

type CheckedSave<H extends Head, Saved, Scope> = Saved extends string
  ? CheckedExpression<Saved, Scope>
  : unknown extends H['state']
    ? { readonly [Key in keyof Saved]: CheckedExpression<Saved[Key], Scope> }
    : {
        readonly [Key in keyof Saved]: Key extends keyof H['rules']
          ? CheckedExpression<Saved[Key], Scope> & CheckedFit<H, Key & string, TypeOf<Saved[Key], Scope>>
          : Problem<`the state has no key "${Key & string}"`>;
      };

/** The type that an expression gives, where it is a path; else unknown. */
type TypeOf<Source, Scope> = Source extends string
  ? [WholePath<Source>] extends [never]
    ? unknown
    : At<Scope, WholePath<Source>>
  : unknown;

type CheckedFit<H extends Head, Key extends string, Value> = unknown extends Value
  ? unknown
  : NonNullable<Value> extends Fitting<H['state'][Key & keyof H['state']], RuleAt<H, Key>>
    ? unknown
    : Problem<`that does not fit state.${Key}`>;

type RuleAt<H extends Head, Key> = Key extends keyof H['rules'] ? H['rules'][Key] : 'replace';

/** What a key takes under its rule. */
type Fitting<Value, Rule> = Value extends unknown
  ? Rule extends 'append'
    ? Constant<Value> | (Constant<Value> extends readonly (infer Item)[] ? Item : never)
    : Rule extends 'merge'
      ? Partial<Constant<Value>>
      : Constant<Value>
  : never;

type Constant<T> = T extends readonly (infer Item)[]
  ? readonly Constant<Item>[]
  : T extends object
    ? { readonly [P in keyof T]: Constant<T[P]> }
    : T;

/** What a step gives as `output`. */
type OutputOf<H extends Head, S> = S extends { readonly outputSchema: infer Schema }
  ? Made<Schema>
  : S extends { readonly kind: 'function'; readonly with: { readonly function: infer Name } }
    ? Name extends keyof H['functions']
      ? Returned<H['functions'][Name]>
      : unknown
    : S extends { readonly kind: 'workflow'; readonly with: { readonly workflow: infer Child } }
      ? ChildOutput<Child>
      : S extends { readonly kind: 'signal' | 'input'; readonly with: { readonly schema: infer Schema } }
        ? Made<Schema>
        : S extends { readonly kind: infer Kind }
          ? KindOutput<Kind>
          : unknown;

type Returned<F> = F extends (...given: never) => infer Output ? Awaited<Output> : unknown;

type ChildOutput<Child> = Child extends { readonly run: infer Run }
  ? Returned<Run>
  : Child extends { readonly types?: { readonly output: infer Output } }
    ? Output
    : unknown;

type LabelsOf<S> = S extends { readonly kind: infer Kind }
  ? Kind extends 'condition'
    ? 'failed' | BranchNames<S>
    : Kind extends BuiltInKind
      ? KindLabel<Kind>
      : string
  : string;

type BranchNames<S> = S extends { readonly with: infer W }
  ?
      | (W extends { readonly branches: readonly { readonly name: infer Name extends string }[] }
          ? Name
          : never)
      | (W extends { readonly default: infer Name extends string } ? Name : never)
  : never;

/** What is known of a step once it was added. */
export type Added<H extends Head, S> = StepView<OutputOf<H, S>, LabelsOf<S>>;

/** Steps that the expressions of a step name. */
export type Named<S> =
  | (S extends { readonly with: infer W } ? NamedInTemplates<W> : never)
  | (S extends { readonly with: { readonly branches: readonly (infer Branch)[] } }
      ? NamedInExpressions<Branch>
      : never)
  | (S extends { readonly save: infer Saved } ? NamedInExpressions<Saved> : never);

type Label<Steps, From> = From extends keyof Steps
  ? Steps[From] extends StepView<unknown, infer L extends string>
    ? L | 'exhausted' | '*'
    : string
  : string;

type OutputAt<Steps, From> = From extends keyof Steps
  ? Steps[From] extends StepView<infer Output, string>
    ? Output
    : unknown
  : unknown;

/** How an edge is taken. */
export type EdgeOptions<H extends Head, Steps, Taken extends readonly [string, string]> = {
  /** Labels that it leaves on: good ones when left out, "*" for all. */
  readonly on?: Label<Steps, Taken[0]> | readonly Label<Steps, Taken[0]>[];
  /** It leads back: its target starts again, at most so many times. */
  readonly loop?: { readonly max: number };
} & (
  | {
      /** Taken only where this is true. */
      readonly when?: Taken[1] & CheckedExpression<Taken[1], After<H, Steps, OutputAt<Steps, Taken[0]>>>;
      readonly else?: never;
    }
  | {
      /** Taken where no other edge of the label is. */
      readonly else: true;
      readonly when?: never;
    }
);

/** What names steps of the whole graph. */
export interface BuildOptions<StepName extends string> {
  /** Where it begins: at every step that no edge leads to when left out. */
  readonly start?: StepName | readonly StepName[];
  /** What the run gives: an expression, or one for each key; the final state when left out. */
  readonly output?: string | { readonly [key: string]: string };
  readonly outputSchema?: AnySchema;
}

export type CheckedBuild<H extends Head, Steps, B> = NoOthers<B, keyof BuildOptions<string>> & {
  readonly output?: B extends { readonly output: infer Output }
    ? Output extends string
      ? CheckedExpression<Output, AtEnd<H, Steps>>
      : { readonly [Key in keyof Output]: CheckedExpression<Output[Key], AtEnd<H, Steps>> }
    : unknown;
};

/** What a run of the graph gives. */
export type RunOutput<H extends Head, Steps, B> = B extends { readonly outputSchema: infer Schema }
  ? Made<Schema>
  : B extends { readonly output: infer Output }
    ? Output extends string
      ? TypeOf<Output, AtEnd<H, Steps>>
      : { readonly [Key in keyof Output]: TypeOf<Output[Key], AtEnd<H, Steps>> }
    : H['state'];
