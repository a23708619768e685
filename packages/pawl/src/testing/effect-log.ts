/** The world outside of a workflow under test: it remembers what was done to it, and by whom. */
import { currentAmbient } from '../replay/index.ts';
import type { Json } from '../std/index.ts';
import { currentProcess, type MortalProcess } from './mortal-process.ts';

/** Something that happened outside: what a service would have seen. */
export interface Effect {
  /** What the service tells repetitions by; the `idempotencyKey` of the step, where it is sent along. */
  readonly key: string;
  readonly value: Json | undefined;
  /** The step that did it; undefined where no step did. */
  readonly step: string | undefined;
  readonly process: MortalProcess | undefined;
}

/** What the steps of a workflow under test do instead of calling the real service. */
export class EffectLog {
  #all: Effect[] = [];

  /** Something happens outside. Nothing does where the process that asks for it has died. */
  happen(key: string, value?: Json): void {
    const process = currentProcess();
    if (process?.isDead) return;
    const ambient = currentAmbient();
    const step = ambient?.stepPath === undefined ? undefined : `${ambient.runId}:${ambient.stepPath}`;
    this.#all.push({ key, value, step, process });
  }

  /** Everything so far, in order. */
  get all(): readonly Effect[] {
    return this.#all;
  }

  clear(): void {
    this.#all = [];
  }
}

/** A world outside in which nothing has happened yet. */
export function effectLog(): EffectLog {
  return new EffectLog();
}
