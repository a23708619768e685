/** The desk at the terminal: puts one open question after another to the person who sits there. */
import type { Engine } from '../../engine/index.ts';
import type { Interrupts } from '../interrupts.ts';
import { personHere, type Session } from '../session.ts';
import { typedFor } from '../typed-command.ts';
import { answerGate } from './answer-gate.ts';
import { gateLines } from './gate-lines.ts';
import type { Pulse } from './pulse.ts';
import type { Gate, Standing } from './standing.ts';
import type { Watch } from './watch.ts';

export interface DeskOptions {
  readonly engine: Engine;
  readonly interrupts: Interrupts;
  readonly watch: Watch;
  /** Beats when a question was answered or put off. */
  readonly pulse: Pulse;
}

/** idle ⇄ asking → closed. At most one question stands; a gate that was put off is not asked again. */
export class Desk {
  readonly #session: Session;
  readonly #options: DeskOptions;
  /** undefined: nobody sits here. */
  readonly #person: string | undefined;
  readonly #putOff = new Set<string>();
  readonly #hinted = new Set<string>();
  #question:
    | { readonly key: string; readonly withdraw: AbortController; readonly done: Promise<void> }
    | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(session: Session, options: DeskOptions) {
    this.#session = session;
    this.#options = options;
    this.#person = session.isJson ? undefined : personHere(session.screen);
  }

  /** Withdraws a question that was answered elsewhere, asks the next one, says which signals are waited for. */
  attend({ gates, kind }: Standing): void {
    if (this.#failure) throw this.#failure.error;
    if (this.#person === undefined) return;
    if (this.#question) {
      if (!gates.some((gate) => keyOf(gate) === this.#question?.key)) this.#question.withdraw.abort();
      return;
    }
    const gate = gates.find((one) => one.kind !== 'signal' && !this.#putOff.has(keyOf(one)));
    if (gate) this.#ask(gate, this.#person);
    else if (kind === 'held') this.#hint(gates.filter((one) => one.kind === 'signal'));
  }

  /** Whether nobody here will move the run: no person, or none who wants to. A person may wait for a signal. */
  isPowerless({ gates, heldBack }: Standing): boolean {
    if (this.#person === undefined) return true;
    if (this.#question) return false;
    const isAllPutOff = gates.every((gate) => gate.kind === 'signal' || this.#putOff.has(keyOf(gate)));
    return isAllPutOff && (heldBack.length > 0 || this.#putOff.size > 0);
  }

  async close(): Promise<void> {
    this.#question?.withdraw.abort();
    await this.#question?.done;
  }

  #ask(gate: Gate, by: string): void {
    const { engine, interrupts, watch, pulse } = this.#options;
    const withdraw = new AbortController();
    watch.pause();
    const answering = { engine, by, signal: withdraw.signal, interrupt: interrupts.interrupt };
    const done = answerGate(this.#session, gate, answering)
      .then((result) => {
        if (result === 'later') this.#putOff.add(keyOf(gate));
        return undefined;
      })
      .catch((error: unknown) => {
        this.#failure = { error };
      })
      .finally(() => {
        this.#question = undefined;
        watch.resume();
        pulse.beat();
      });
    this.#question = { key: keyOf(gate), withdraw, done };
  }

  #hint(gates: readonly Gate[]): void {
    for (const gate of gates.filter((one) => !this.#hinted.has(keyOf(one)))) {
      this.#hinted.add(keyOf(gate));
      this.#options.watch.say(...gateLines([gate], typedFor(this.#session)));
    }
  }
}

function keyOf(gate: Gate): string {
  return `${gate.runId} ${gate.path}`;
}
