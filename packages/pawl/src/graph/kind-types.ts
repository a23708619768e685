/** What the compiler knows of the built-in kinds: what their `with` takes, how they end, what they give. */
import type { z } from 'zod';
import type { Json } from '../std/index.ts';
import type { DEFAULT_KINDS } from './kind-table.ts';
import type { WITH_SCHEMAS } from './with-schemas.ts';

type Row = (typeof DEFAULT_KINDS)[number];

/** Kinds of the format that have an executor. */
export type BuiltInKind = Exclude<Row, { readonly isLater: true }>['name'];

/** Labels that a kind gives by itself; the branches of a condition come on top. */
export type KindLabel<Kind> = Extract<Row, { readonly name: Kind }>['labels'][number] | 'failed';

/** Lists and objects that are written out as constants fit too. */
type Constant<T> = T extends readonly (infer Item)[]
  ? readonly Constant<Item>[]
  : T extends object
    ? { readonly [K in keyof T]: Constant<T[K]> }
    : T;

/** The fields of a kind; every text may hold templates, and a template stands for a value of any type. */
export type With<Kind> = Kind extends keyof typeof WITH_SCHEMAS
  ? Constant<z.input<(typeof WITH_SCHEMAS)[Kind]>>
  : { readonly [field: string]: unknown };

interface Decision<Label extends string> {
  readonly decision: Label;
  readonly at: string;
  readonly by: string | null;
  readonly comment: string | null;
}

/** What a step of a kind gives as `output`; where the kind is not here, nobody knows. */
interface KindOutputs {
  readonly shell: {
    readonly stdout: string;
    readonly stderr: string;
    readonly exitCode: number | null;
    readonly signal: string | null;
    readonly truncated: boolean;
  };
  readonly http: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Json;
    readonly encoding?: 'base64';
  };
  readonly sleep: null;
  readonly approval: Decision<'approved' | 'rejected' | 'expired'>;
  readonly escalate: Decision<'resolved' | 'declined' | 'expired'>;
}

export type KindOutput<Kind> = Kind extends keyof KindOutputs ? KindOutputs[Kind] : unknown;

/** `steps.NAME` in expressions: what is known of the last visit that ended. */
export interface StepView<Output, Label> {
  readonly status: string;
  readonly outcome: Label | null;
  readonly output: Output;
  readonly failure: { readonly class: string; readonly code: string; readonly message: string } | null;
  readonly attempt: number | null;
  readonly visit: number | null;
  readonly usage: {
    readonly inputTokens: number;
    readonly outputTokens: number;
    readonly costUsd: string;
  } | null;
}
