/** JSON Schemas (2020-12) of values: compiled once; what cannot be checked is refused, never skipped. */
import { createRequire } from 'node:module';
import type * as Ajv from 'ajv/dist/2020.js';
import type { ErrorObject, Options, ValidateFunction } from 'ajv/dist/2020.js';
import type { SchemaValidateFunction } from 'ajv/dist/types/index.js';
import { canonicalJson, type Json } from './json.ts';
import { compilePattern, MatchWork } from './pattern.ts';
import type { Schema } from './schema.ts';

export interface ValueSchema {
  readonly source: Json;
  /** What of a value does not fit; none where all of it does. */
  misfitsOf(value: unknown): readonly Misfit[];
  /** The same as one line with paths; undefined where it fits. */
  problemOf(value: unknown): string | undefined;
}

export interface Misfit {
  /** Names and places from the top of the value. */
  readonly path: readonly string[];
  readonly message: string;
}

export type SchemaCompilation =
  | { readonly ok: true; readonly schema: ValueSchema }
  /** `at`: where in the schema it is wrong, as far as that is known. */
  | { readonly ok: false; readonly problem: string; readonly at: readonly (string | number)[] };

export type SchemaCompiler = (source: Json) => SchemaCompilation;

export interface SchemaRules {
  /** Every misfit of a value is found, and not the first alone. */
  readonly findsAll?: boolean;
  /** Keywords that nobody knows are notes, and no mistake. */
  readonly isLenient?: boolean;
  /** A `uri` is one: schemas of libraries leave that to its format. Other formats are notes to people. */
  readonly asksForUri?: boolean;
  /** What is missing and has a default is filled into the value itself. */
  readonly fillsDefaults?: boolean;
}

/** Compiles the schemas of one graph, say; equal ones are compiled once. */
export function schemaCompiler(rules: SchemaRules = {}): SchemaCompiler {
  const known = new Map<string, SchemaCompilation>();
  let compiler: Compiler | undefined;
  return (source) => {
    const key = canonicalJson(source);
    compiler ??= compilerFor(rules);
    const compiled = known.get(key) ?? compile(source, compiler);
    known.set(key, compiled);
    return compiled;
  };
}

/** A JSON Schema as a schema of the start of a run: it checks a copy of the value, and fills in its defaults. */
export function parserOf({ source }: Pick<ValueSchema, 'source'>): Schema {
  const compiler = schemaCompiler({ isLenient: true, fillsDefaults: true });
  const validate = (given: unknown): ReturnType<Schema['~standard']['validate']> => {
    const value = structuredClone(given);
    const compiled = compiler(source);
    const issues = compiled.ok ? compiled.schema.misfitsOf(value) : [{ path: [], message: compiled.problem }];
    return issues.length === 0 ? { value } : { issues };
  };
  const jsonSchema = { input: () => source, output: () => source };
  return { '~standard': { version: 1, vendor: 'pawl', validate, jsonSchema } as Schema['~standard'] };
}

/** Loaded at the first schema: most runs have none. */
const load = createRequire(import.meta.url);

function ajvOf(options: Options): Ajv.Ajv2020 {
  // The type says which module this is, and the call is what loads it.
  const { Ajv2020 } = load('ajv/dist/2020.js') as typeof Ajv;
  return new Ajv2020({ validateFormats: false, logger: false, ...options }); // formats are notes to people
}

interface Compiler {
  readonly ajv: Ajv.Ajv2020;
  readonly work: MatchWork;
}

/** It takes schemas as they are: whether one is a schema is asked before, of the judge. */
function compilerFor(rules: SchemaRules): Compiler {
  const { findsAll = false, isLenient = false, fillsDefaults = false, asksForUri = false } = rules;
  const work = new MatchWork();
  const ajv = ajvOf({
    // Strict about keywords that nobody knows, lenient about style.
    ...(isLenient ? { strict: false } : {}),
    strictTypes: false,
    strictRequired: false,
    allowMatchingProperties: true, // whether they match would be asked of an expression that can hang
    allErrors: findsAll,
    useDefaults: fillsDefaults,
    code: { regExp: linearIn(work) },
    validateFormats: asksForUri,
    formats: { uri: (text: string) => URL.canParse(text) },
    meta: false,
    validateSchema: false,
  });
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({ keyword: 'uniqueItems', type: 'array', schemaType: 'boolean', validate: areUnique });
  return { ajv, work };
}

/** The library compares each item with each other one. */
const areUnique: SchemaValidateFunction = (isAsked: boolean, list: readonly unknown[]) => {
  const seen = new Set<string>();
  for (const [index, item] of isAsked ? list.entries() : []) {
    seen.add(canonicalJson(item));
    if (seen.size === index + 1) continue;
    areUnique.errors = [
      { params: {}, message: `must NOT have duplicate items: ${shortOf(item as Json)} at ${index}` },
    ];
    return false;
  }
  return true;
};

function linearIn(work: MatchWork): NonNullable<NonNullable<Options['code']>['regExp']> {
  const linear = (source: string): { test(text: string): boolean; toString(): string } => {
    const compiled = compilePattern(source, work);
    if (!compiled.ok) throw new UnfitPattern(source, compiled.problem);
    const { test } = compiled.pattern;
    return { test, toString: () => source };
  };
  return Object.assign(linear, { code: 'linear' });
}

class UnfitPattern extends Error {
  readonly pattern: string;

  constructor(pattern: string, problem: string) {
    super(`the pattern ${JSON.stringify(pattern)} cannot be used: ${problem}`);
    this.pattern = pattern;
  }
}

/** Knows what a schema is. It never sees a value, and keeps nothing of the schemas that it judges. */
let judge: Ajv.Ajv2020 | undefined;

function compile(source: Json, { ajv, work }: Compiler): SchemaCompilation {
  try {
    judge ??= ajvOf({});
    if (judge.validateSchema(source as object | boolean) !== true)
      return { ok: false, problem: `schema is invalid: ${judge.errorsText(judge.errors)}`, at: [] };
    ajv.removeSchema(); // two schemas of one id are no mistake
    const fits = ajv.compile(source as object | boolean);
    const misfitsOf = (value: unknown): readonly Misfit[] => misfitsIn(value, fits, work);
    return { ok: true, schema: { source, misfitsOf, problemOf: (value) => lineOf(misfitsOf(value)) } };
  } catch (error) {
    const at = error instanceof UnfitPattern ? placeOfPattern(source, error.pattern) : undefined;
    return { ok: false, problem: (error as Error).message, at: at ?? [] };
  }
}

const NONE: readonly Misfit[] = [];

function misfitsIn(value: unknown, fits: ValidateFunction, work: MatchWork): readonly Misfit[] {
  work.renew();
  try {
    if (fits(value)) return NONE;
  } catch (error) {
    // Too much to match, or a schema that asks for itself again and again: nobody can say that it fits.
    return [{ path: [], message: `cannot be checked: ${(error as Error).message}` }];
  }
  return (fits.errors as ErrorObject[]).map(misfitOf);
}

/** Names in a path of JSON Schema are escaped (RFC 6901). */
function misfitOf({ instancePath, message, ...error }: ErrorObject): Misfit {
  const path = instancePath.split('/').slice(1);
  const names = path.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  return { path: names, message: `${message}${wantedBy(error)}` };
}

/** What the message of the library leaves out. */
function wantedBy({ keyword, params }: Pick<ErrorObject, 'keyword' | 'params'>): string {
  const { allowedValues, allowedValue, additionalProperty, unevaluatedProperty } = params as Json as {
    readonly [name: string]: Json;
  };
  if (keyword === 'enum') return `: ${(allowedValues as Json[]).map(shortOf).join(', ')}`;
  if (keyword === 'const') return `: ${shortOf(allowedValue)}`;
  const surplus = additionalProperty ?? unevaluatedProperty;
  return surplus === undefined ? '' : `: ${shortOf(surplus)}`;
}

const MAX_SHOWN = 100;

function shortOf(value: Json | undefined): string {
  const text = JSON.stringify(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

/** `$.items.2 must be string; …` */
export function lineOf(misfits: readonly Misfit[]): string | undefined {
  if (misfits.length === 0) return undefined;
  return misfits.map(({ path, message }) => `${['$', ...path].join('.')} ${message}`).join('; ');
}

/** Where a pattern stands in a schema: first of several. */
function placeOfPattern(part: Json, pattern: string): readonly (string | number)[] | undefined {
  if (typeof part !== 'object' || part === null) return undefined;
  for (const [key, inner] of Object.entries(part)) {
    if (key === 'pattern' && inner === pattern) return [key];
    if (key === 'patternProperties' && Object.hasOwn(inner as object, pattern)) return [key, pattern];
    const deeper = placeOfPattern(inner, pattern);
    if (deeper) return [Array.isArray(part) ? Number(key) : key, ...deeper];
  }
  return undefined;
}
