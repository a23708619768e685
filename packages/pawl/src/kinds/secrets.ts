/** Secrets inside the input of a kind: resolved for the effect, and kept out of every text that is cut. */
import { isSecretRef, MASK, type SecretRef, type StepContext } from '../step/index.ts';

/** Resolves references for one attempt and knows every value that it gave. */
export class SecretReader {
  readonly #context: StepContext;
  readonly #values = new Set<string>();

  constructor(context: StepContext) {
    this.#context = context;
  }

  /** The text itself, or the value of the reference. @throws a `terminal` failure `SECRET_MISSING` */
  resolve(value: string | SecretRef): string {
    if (typeof value === 'string') return value;
    const resolved = this.#context.secret(value.$secret);
    if (resolved !== '') this.#values.add(resolved);
    return resolved;
  }

  /** A copy of plain data with every reference in it resolved. */
  resolveDeep(value: unknown): unknown {
    if (isSecretRef(value)) return this.resolve(value);
    if (Array.isArray(value)) return value.map((part) => this.resolveDeep(part));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, this.resolveDeep(part)]));
  }

  /** Masks every value that was given. Before a text is cut: half a secret is not recognized later. */
  mask(text: string): string {
    return this.#longestFirst().reduce((masked, value) => masked.replaceAll(value, MASK), text);
  }

  /** Masks the beginning of a secret that a text ends with, where the rest of the text was cut off. */
  maskCutEnd(text: string): string {
    for (const value of this.#longestFirst()) {
      for (let length = value.length - 1; length >= SHORTEST_PART; length--) {
        if (text.endsWith(value.slice(0, length))) return text.slice(0, -length) + MASK;
      }
    }
    return text;
  }

  /** Masks the end of a secret that a text begins with, where what came before was cut off. */
  maskCutStart(text: string): string {
    for (const value of this.#longestFirst()) {
      for (let length = value.length - 1; length >= SHORTEST_PART; length--) {
        if (text.startsWith(value.slice(-length))) return MASK + text.slice(length);
      }
    }
    return text;
  }

  #longestFirst(): string[] {
    return [...this.#values].toSorted((a, b) => b.length - a.length);
  }
}

/** Shorter parts of a secret give nothing away, and would mask every other word. */
const SHORTEST_PART = 4;
