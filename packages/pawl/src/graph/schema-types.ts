/** What the compiler reads in a schema: of a library (Standard Schema), or JSON Schema written out. */
import type { StandardSchemaV1 } from '@standard-schema/spec';

/** A JSON Schema (2020-12), written out. */
export type JsonSchema = boolean | { readonly [keyword: string]: unknown };

/** Whatever says what a value looks like. */
export type AnySchema = StandardSchemaV1 | JsonSchema;

/** The type of the values that a schema takes, before it fills in anything. */
export type Given<S> = S extends StandardSchemaV1<infer In, unknown> ? In : FromJsonSchema<S>;

/** The type of the values that a schema makes. */
export type Made<S> = S extends StandardSchemaV1<unknown, infer Out> ? Out : FromJsonSchema<S>;

interface Scalars {
  readonly string: string;
  readonly number: number;
  readonly integer: number;
  readonly boolean: boolean;
  readonly null: null;
}

/** What a JSON Schema that is written out promises; whatever it leaves open is unknown. */
export type FromJsonSchema<S> = S extends { readonly const: infer Value }
  ? Value
  : S extends { readonly enum: readonly (infer Value)[] }
    ? Value
    : S extends { readonly type: infer Type }
      ? OfType<S, Type extends readonly (infer One)[] ? One : Type>
      : S extends { readonly properties: object }
        ? OfObject<S>
        : unknown;

type OfType<S, Type> = Type extends keyof Scalars
  ? Scalars[Type]
  : Type extends 'array'
    ? readonly (S extends { readonly items: infer Item } ? FromJsonSchema<Item> : unknown)[]
    : Type extends 'object'
      ? OfObject<S>
      : unknown;

type OfObject<S> = S extends { readonly properties: infer Properties }
  ? Open<S, Flat<Needed<Properties, NeededKeys<S>> & Optional<Properties, NeededKeys<S>>>>
  : { readonly [key: string]: unknown };

/** Keys that are not declared may be there where the schema says so. */
type Open<S, Declared> = S extends { readonly additionalProperties: infer More }
  ? More extends false
    ? Declared
    : Declared & { readonly [key: string]: unknown }
  : Declared;

type NeededKeys<S> = S extends { readonly required: readonly (infer Key)[] } ? Key : never;

type Needed<Properties, Keys> = {
  readonly [K in keyof Properties as K extends Keys ? K : never]: FromJsonSchema<Properties[K]>;
};

type Optional<Properties, Keys> = {
  readonly [K in keyof Properties as K extends Keys ? never : K]?: FromJsonSchema<Properties[K]>;
};

/** One object type in place of several, for people who read it. */
export type Flat<T> = { [K in keyof T]: T[K] };
