/** What the functions of runs got: each replay must get the same things in the same order. */
import type { Judge } from './violation.ts';

export interface Sight {
  readonly runId: string;
  readonly life: number;
  readonly what: string;
}

export class Seen {
  readonly #judge: Judge;
  /** By run: everything that any life of its function got, in order. */
  readonly #known = new Map<string, string[]>();
  /** By process and run: the present life of the function, and how far it has come. */
  readonly #lives = new Map<string, { readonly life: number; at: number }>();
  #lifeCount = 0;

  constructor(judge: Judge) {
    this.#judge = judge;
  }

  /** A function begins, or begins again; returns the number of this life of it. */
  begins(processName: string, runId: string): number {
    const life = ++this.#lifeCount;
    this.#lives.set(`${processName} ${runId}`, { life, at: 0 });
    return life;
  }

  /** What an abandoned life still does by itself counts for nothing. */
  see(processName: string, { runId, life, what }: Sight): void {
    const present = this.#lives.get(`${processName} ${runId}`);
    if (present?.life !== life) return;
    const known = this.#known.get(runId) ?? [];
    this.#known.set(runId, known);
    const index = present.at++;
    const before = known[index];
    if (before === undefined) known[index] = what;
    else if (before !== what)
      this.#judge('replay', `${processName} hands ${what} to ${runId}, where an earlier life got ${before}`);
  }

  of(runId: string): readonly string[] {
    return this.#known.get(runId) ?? [];
  }

  /** New code may ask for other things. */
  forget(): void {
    this.#known.clear();
    this.#lives.clear();
  }
}
