/** What every step kind promises: a name, the labels it can end with, a schema, and one function that has the effect. */
import type { Json, LogFields, LogLevel, Schema } from '../std/index.ts';
import type { Retry } from './retry.ts';
import type { UsageReport } from './usage.ts';

/** What an attempt gets to work with. */
export interface StepContext {
  readonly runId: string;
  readonly tenant: string;
  readonly workerId: string;
  /** The step's path in the run: its identity. */
  readonly path: string;
  /** This try of the step, from 1. */
  readonly attempt: number;
  /** The same for every attempt of this step in this run: send it to whoever can recognize a repetition. */
  readonly idempotencyKey: string;
  /** Aborted on timeout, cancel and loss of the lease. */
  readonly signal: AbortSignal;
  /** Adds what was used; recorded with the outcome. */
  readonly report: (usage: UsageReport) => void;
  /** Records progress that people can watch; at most 1,000 entries an attempt. */
  readonly progress: (data: Json) => void;
  /** A sign of life, for steps with a `heartbeat`: it costs nothing, and nothing is recorded. `progress` is one too. */
  readonly heartbeat: () => void;
  /** A log line that carries run, path and attempt. */
  readonly log: (level: LogLevel, message: string, fields?: LogFields) => void;
  /**
   * The value of a secret reference. The value is masked in everything that is recorded or logged.
   * @throws a `terminal` failure `SECRET_MISSING`.
   */
  readonly secret: (name: string) => string;
}

/** How a kind ended well or in a way that its labels name. */
export interface KindResult {
  /** One of the kind's labels; `ok` when left out. */
  readonly outcome?: string;
  readonly output: unknown;
}

/** A step kind. Built-in kinds and users' own are registered the same way. */
export interface Kind<Input = never> {
  /** 1 to 64 characters without spaces, "/", "#" and ":". */
  readonly name: string;
  /** What `with` must look like; checked before the step starts. */
  readonly schema?: Schema<Input>;
  /**
   * Labels that an attempt can end with; the first is the usual one. `ok` when left out; `any` where each step has its own, as
   * the branches of a condition are. Every kind can also fail.
   */
  readonly labels?: readonly string[] | 'any';
  /** Where its steps queue for a worker when they name no queue; `general` when left out. */
  readonly queue?: string;
  /**
   * Of a kind that stands for many things, as `function` does: those that are here, and the one that an input names. A step that
   * waits for a worker goes to one that has it.
   */
  readonly targets?: { readonly names: readonly string[]; of(input: Input): string | undefined };
  /** Its steps run where their run is driven, whatever queues that worker serves, unless they name one: they take no time. */
  readonly isInline?: boolean;
  /** Default timeout of one attempt. */
  readonly timeout?: string;
  /** Default retry policy. */
  readonly retry?: Retry;
  /** Whether the input is part of the replay check: an edited input then parks the run as `diverged`. */
  readonly checkInput?: boolean;
  /** What of the input is recorded; secrets must not be in it. Default: the input as given. */
  record?(input: Input): Json;
  /** Has the effect. Throws to fail: an ordinary error is retried, `TerminalError` is not. */
  execute(input: Input, context: StepContext): Promise<KindResult>;
}

/** A kind whose input type is not known here: its own schema checks what it gets. */
export type AnyKind = Kind<never>;

/** Declares a kind with the type of its input inferred from the schema. */
export function defineKind<Input>(kind: Kind<Input>): AnyKind {
  return kind as AnyKind;
}

/** Labels that the engine gives: a kind fails by a throw, and is cancelled by its signal. */
const OF_THE_ENGINE: readonly string[] = ['failed', 'cancelled'];

/** Whether a step of this kind may end well with a label: a graph knows only those that the kind has declared. */
export function canEndAs({ labels = ['ok'] }: Pick<AnyKind, 'labels'>, label: string): boolean {
  return !OF_THE_ENGINE.includes(label) && (labels === 'any' || labels.includes(label));
}
