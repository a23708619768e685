/** A plan: everything that happens to one world, drawn from its seed beforehand, so that it can be shown, kept and made smaller. */
import type { Op } from './op.ts';

/** One workflow and one run of it. */
export interface Program {
  readonly ops: readonly Op[];
  /** How often it goes on as a new run. */
  readonly rounds: number;
  /** How long its `onCancel` takes; left out where it has none. */
  readonly onCancelMs?: number;
  readonly startAtMs: number;
}

/** Where in a call of the store something happens. */
export type Place = 'before' | 'inside' | 'after';

/** The so-many-th call of the store by the processes of a slot, or the so-many-th of a kind: commit, commit with a start of its own, heartbeat, claim of tasks. */
export interface At {
  readonly slot: number;
  readonly on: 'call' | 'commit' | 'start' | 'beat' | 'task';
  readonly count: number;
}

export type Fault =
  /** The process of a slot is killed at a call of the store, and comes again. */
  | {
      readonly type: 'kill';
      readonly at: At;
      readonly place: Place;
      /** For `inside`: statements that are still made. */
      readonly statements: number;
      readonly restartMs: number;
    }
  /** It is stopped there, and wakes; others may have judged it meanwhile. */
  | {
      readonly type: 'stop';
      readonly at: At;
      readonly place: 'before' | 'after';
      readonly forMs: number;
    }
  /** It is stopped at a time, wherever it is. */
  | { readonly type: 'freeze'; readonly slot: number; readonly atMs: number; readonly forMs: number }
  /** The answer of a commit is lost; it landed, did not, holds its locks and lands later, or has not even reached the store. */
  | { readonly type: 'unknown'; readonly at: At; readonly fate: 'landed' | 'dropped' | 'late' | 'astray' }
  /** The store is away for so many calls. */
  | { readonly type: 'away'; readonly at: At; readonly calls: number }
  /** The wall clock of a slot (-1: of the store) is set by so much. */
  | { readonly type: 'jump'; readonly slot: number; readonly atMs: number; readonly byMs: number }
  /** All processes come again with other code; `broken` is taken back later. */
  | {
      readonly type: 'deploy';
      readonly atMs: number;
      readonly code: 'patched' | 'version' | 'apart' | 'broken';
      readonly isGraceful: boolean;
    }
  /** One process drains and comes again. */
  | { readonly type: 'restart'; readonly slot: number; readonly atMs: number };

/** What a person does to the run of a program. */
export type Act =
  | { readonly type: 'cancel'; readonly program: number; readonly atMs: number }
  | { readonly type: 'pause'; readonly program: number; readonly atMs: number; readonly forMs: number };

export interface SlotPlan {
  /** How far its wall clock is off. */
  readonly offsetMs: number;
  /** How fast its clocks go: 1 is right. */
  readonly rate: number;
  /** Queues that it serves; left out: all. */
  readonly queues?: readonly string[];
}

export interface Plan {
  readonly seed: number;
  readonly programs: readonly Program[];
  readonly slots: readonly SlotPlan[];
  readonly faults: readonly Fault[];
  readonly acts: readonly Act[];
  /** Whether a dead process is known to be dead at once, or only by its silence. */
  readonly canProveDeath: boolean;
  /** Whether calls of the store go on while their process is stopped. */
  readonly isRemote: boolean;
  /** The longest way of a call to the store, and back. */
  readonly latencyMs: number;
  readonly evictAfterMs: number;
  readonly attemptSlots: number;
  readonly runs: number;
  /** How often a message is sent a second time. */
  readonly resendShare: number;
  /** How often the word of a change does not reach another process. */
  readonly deafShare: number;
}
