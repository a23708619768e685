/** What happened, as a hash: two runs of one seed must give the same; and, where somebody wants to read it, as lines. */
import { mix } from '../plan/chance.ts';

export class Trace {
  readonly #keepsLines: boolean;
  readonly lines: string[] = [];
  #hash = 0;
  #count = 0;

  constructor(keepsLines: boolean) {
    this.#keepsLines = keepsLines;
  }

  add(nowMs: number, who: string, what: string): void {
    const line = `${nowMs.toFixed(3)} ${who} ${what}`;
    this.#hash = mix(this.#hash, line);
    this.#count++;
    if (this.#keepsLines) this.lines.push(line);
  }

  get hash(): string {
    return `${this.#hash.toString(16).padStart(8, '0')}-${this.#count}`;
  }
}
