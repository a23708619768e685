/** The lines that a person types, in order, also those that are typed before they are asked for. */
import { createInterface, type Interface } from 'node:readline';
import { Pulse } from './pulse.ts';

/** open → closed: by us, or by the end of the input (Ctrl-D). */
export class TypedLines {
  readonly #reader: Interface;
  readonly #lines: string[] = [];
  readonly #pulse = new Pulse();
  #isClosed = false;

  constructor(interrupt: () => void) {
    this.#reader = createInterface({ input: process.stdin, output: process.stdout, terminal: true });
    this.#reader.on('SIGINT', interrupt);
    this.#reader.on('line', (line) => {
      this.#lines.push(line);
      this.#pulse.beat();
    });
    this.#reader.on('close', () => {
      this.#isClosed = true;
      this.#pulse.beat();
    });
  }

  /** The next line; undefined when the signal came first, or when no more will come. */
  async next(prompt: string, signal: AbortSignal): Promise<string | undefined> {
    const wake = (): void => this.#pulse.beat();
    signal.addEventListener('abort', wake);
    this.#reader.setPrompt(prompt);
    this.#reader.prompt();
    try {
      while (this.#lines.length === 0 && !this.#isClosed && !signal.aborted) await this.#pulse.next();
      return signal.aborted ? undefined : this.#lines.shift();
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  close(): void {
    this.#reader.close();
  }
}
