/** What a graph in TypeScript begins with, and what the compiler then knows of it: input, state, kinds, functions. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Duration } from '../std/index.ts';
import type { Retry } from '../step/index.ts';
import type { MergeRule } from './fields.ts';
import type { AnySchema, Flat, FromJsonSchema, Given, Made } from './schema-types.ts';

/** A schema of the state's key; with a rule or a first value, a schema of a library goes into `schema`. */
type StateKeyOptions =
  | AnySchema
  | { readonly schema: StandardSchemaV1; readonly merge?: MergeRule; readonly default?: unknown };

export interface Described {
  readonly title?: string;
  readonly description?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** The fields of a graph that name none of its steps, as in YAML. */
export interface GraphOptions extends Described {
  /** 1 to 64 characters without spaces, "/", "#" and ":". */
  readonly workflow: string;
  /** A version is immutable: a changed graph needs a new one. */
  readonly version: string;
  /** What a start passes: a schema of a library (Standard Schema) that offers its JSON Schema, or JSON Schema. */
  readonly input?: AnySchema;
  /** Without it any key may be saved. */
  readonly state?: { readonly [key: string]: StateKeyOptions };
  readonly stateFrom?: 'input';
  readonly retries?: { readonly [name: string]: Exclude<Retry, string> };
  readonly deadline?: Duration;
  readonly onFailure?: 'cancel' | 'drain';
  readonly limits?: {
    readonly maxConcurrentSteps?: number;
    readonly maxDispatch?: number;
    readonly maxSteps?: number;
  };
}

/** What the engine will have besides what is built in. */
export interface GraphSurroundings {
  /** Kinds that `defineKind` gave. */
  readonly kinds?: readonly { readonly name: string; readonly labels?: readonly string[] | 'any' }[];
  /** Functions by name; the compiler then knows which there are, and what they return. */
  readonly functions?: { readonly [name: string]: (...given: never) => unknown };
}

/** What is known of a graph before it has steps. */
export interface Head {
  /** What expressions see of the input. */
  readonly input: unknown;
  /** What a start passes. */
  readonly given: unknown;
  readonly state: unknown;
  /** The merge rule of each key of the state. */
  readonly rules: object;
  readonly retries: string;
  readonly kinds: string;
  readonly functions: object;
}

export interface HeadOf<O extends GraphOptions, S extends GraphSurroundings> extends Head {
  readonly input: O extends { readonly input: infer I } ? Made<I> : unknown;
  readonly given: O extends { readonly input: infer I } ? Given<I> : unknown;
  readonly state: StateOf<O>;
  readonly rules: O extends { readonly state: infer D }
    ? { readonly [K in keyof D & string]: RuleOf<D[K]> }
    : object;
  readonly retries: O extends { readonly retries: infer R } ? keyof R & string : never;
  readonly kinds: S extends { readonly kinds: readonly { readonly name: infer N extends string }[] }
    ? N
    : never;
  readonly functions: S extends { readonly functions: infer F extends object } ? F : object;
}

type RuleOf<D> = D extends StandardSchemaV1
  ? 'replace'
  : D extends { readonly merge: infer Rule extends MergeRule }
    ? Rule
    : 'replace';

type StateOf<O> = O extends { readonly state: infer D }
  ? O extends { readonly stateFrom: 'input'; readonly input: infer I }
    ? Flat<{ [K in keyof D]: KeyValue<D[K]> } & Made<I>>
    : O extends { readonly stateFrom: 'input' }
      ? unknown
      : { [K in keyof D]: KeyValue<D[K]> }
  : unknown;

/** Null until something is saved, where the rule and the declaration give no first value. */
type KeyValue<D> = D extends StandardSchemaV1
  ? Made<D> | null
  :
      | (D extends { readonly schema: infer S extends StandardSchemaV1 } ? Made<S> : FromJsonSchema<D>)
      | FirstValue<D>;

type FirstValue<D> =
  RuleOf<D> extends 'replace' | 'max' ? (D extends { readonly default: unknown } ? never : null) : never;
