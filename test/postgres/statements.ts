/** What is under way to a server: one statement after the other, so that the same test always sees the same order. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Connection } from '../../packages/pawl/src/store/postgres/connection.ts';

/** Whoever asks; what a dead one has asked for and nobody has begun is never sent. */
export interface Asker {
  readonly isDead: boolean;
}

/** Thrown to somebody who is dead: nobody is left to catch it. */
export class AskerDied extends Error {}

interface Waiting {
  /** The stretch of `alone` that it belongs to. */
  readonly stretch: object | undefined;
  readonly begin: () => void;
}

/** States: *quiet* → (something is asked) → *busy* → *quiet*. */
export class Statements {
  readonly #onAsk: () => void;
  readonly #context = new AsyncLocalStorage<object>();
  readonly #waiting: Waiting[] = [];
  #stretch: object | undefined;
  /** Settles when the stretch that was asked for last is over. */
  #lastStretch: Promise<unknown> = Promise.resolve();
  #isBusy = false;
  /** Settles when what was sent last is answered. */
  #answered: Promise<void> = Promise.resolve();
  #onAnswer: () => void = () => undefined;

  /** `onAsk` hears of everything that is asked. */
  constructor(onAsk: () => void = () => undefined) {
    this.#onAsk = onAsk;
  }

  /** Sends something when everything that was asked for before is answered. */
  async take<T>(asker: Asker, send: () => Promise<T>): Promise<T> {
    const stretch = this.#context.getStore();
    await new Promise<void>((begin) => {
      this.#waiting.push({ stretch, begin });
      this.#next();
      this.#onAsk();
    });
    try {
      if (asker.isDead) throw new AskerDied();
      return await send();
    } finally {
      this.#isBusy = false;
      this.#onAnswer();
      this.#next();
    }
  }

  /** Runs something that asks often, with nobody else between. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const stretch = {};
    const done = this.#lastStretch.then(async () => {
      this.#stretch = stretch;
      try {
        return await this.#context.run(stretch, work);
      } finally {
        this.#stretch = undefined;
        this.#next();
      }
    });
    this.#lastStretch = done.catch(() => undefined);
    return done;
  }

  /** Whether something is under way, or can be sent. */
  get isUnderWay(): boolean {
    return this.#isBusy || this.#waiting.some((one) => this.#mayBegin(one));
  }

  /** Resolves when nothing is under way, and nothing is left to do for those who were answered. */
  async settled(): Promise<void> {
    for (;;) {
      await turn();
      if (!this.isUnderWay) return;
      await this.#answered;
    }
  }

  /** A connection whose statements go this way; `send` may stand around each of them. */
  through(connection: Connection, asker: Asker, send: Around = (one) => one()): Connection {
    return new Proxy(connection, {
      get: (target, property) => {
        const value: unknown = Reflect.get(target, property, target);
        if (typeof value !== 'function') return value;
        const method = (value as (...args: unknown[]) => Promise<unknown>).bind(target);
        if (property === 'close') return method;
        return (...args: unknown[]): Promise<unknown> =>
          this.take(asker, () => send(() => method(...args), askedOf(property, args[0])));
      },
    });
  }

  #mayBegin({ stretch }: Waiting): boolean {
    return this.#stretch === undefined || this.#stretch === stretch;
  }

  #next(): void {
    if (this.#isBusy) return;
    const index = this.#waiting.findIndex((one) => this.#mayBegin(one));
    const [next] = index === -1 ? [] : this.#waiting.splice(index, 1);
    if (next === undefined) return;
    this.#isBusy = true;
    this.#answered = new Promise((resolve) => {
      this.#onAnswer = resolve;
    });
    next.begin();
  }
}

/** What is asked of a connection. */
export interface Asked {
  readonly isWrite: boolean;
  /** Empty where it is no statement. */
  readonly sql: string;
}

export type Around = (send: () => Promise<unknown>, asked: Asked) => Promise<unknown>;

function askedOf(property: string | symbol, statement: unknown): Asked {
  const { sql = '' } = (statement ?? {}) as Partial<Asked>;
  return { isWrite: property === 'write', sql };
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
