/** Secrets at the journal's edge: looked up by name at the moment of use, masked in everything that is recorded or logged. */
import { inspect } from 'node:util';
import { messageOf } from '../errors/index.ts';
import type { LogFields, Logger } from '../std/index.ts';
import { FailureError, MASK } from '../step/index.ts';

/** Values shorter than this are not masked: they would blot out ordinary text. */
const SHORTEST = 4;

export class Secrets {
  readonly #lookUp: (name: string) => string | undefined;
  /** Known values as they appear in JSON text, longest first. */
  #known: string[] = [];

  constructor(lookUp: (name: string) => string | undefined) {
    this.#lookUp = lookUp;
  }

  /** @throws a terminal failure `SECRET_MISSING`. */
  get(name: string): string {
    const value = this.#lookUp(name);
    if (value === undefined)
      throw new FailureError({
        class: 'terminal',
        code: 'SECRET_MISSING',
        message: messageOf('SECRET_MISSING', { name }),
      });
    this.#remember(value);
    return value;
  }

  #remember(value: string): void {
    if (value.length < SHORTEST) return;
    const inJson = JSON.stringify(value).slice(1, -1);
    for (const form of new Set([value, inJson, encodeURIComponent(value)]))
      if (!this.#known.includes(form)) this.#known.push(form);
    this.#known.sort((a, b) => b.length - a.length);
  }

  /** A logger whose lines hold no secret value, in the message and in the fields. */
  masking(logger: Logger): Logger {
    return {
      log: (level, message, fields = {}) => {
        if (this.#known.length === 0) logger.log(level, message, fields);
        else logger.log(level, this.mask(message), this.#maskFields(fields));
      },
    };
  }

  #maskFields(fields: LogFields): LogFields {
    try {
      return JSON.parse(this.mask(JSON.stringify(fields))) as LogFields;
    } catch {
      return { fields: this.mask(inspect(fields)) }; // not JSON: said as text rather than shown in the clear
    }
  }

  /** Text (plain or JSON) without any secret value that was used in this process. */
  mask(text: string): string {
    if (this.#known.length === 0) return text;
    let masked = text;
    for (const value of this.#known) masked = masked.replaceAll(value, MASK);
    return masked;
  }
}
