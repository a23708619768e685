/** Acts of people and systems that never know whether they were heard: each is sent twice, and again after a crash. */
import type { ActOptions, AnswerOptions, DecisionOptions, Engine } from '../engine/index.ts';

/** What can be done to the run under test; as the engine has it, without the id. */
export interface Actor {
  signal(name: string, payload?: unknown, options?: ActOptions): Promise<void>;
  approve(path: string | undefined, options: DecisionOptions): Promise<void>;
  reject(path: string | undefined, options: DecisionOptions): Promise<void>;
  answer(path: string | undefined, value: unknown, options: AnswerOptions): Promise<void>;
  cancel(options?: ActOptions & { readonly reason?: string }): Promise<void>;
  retry(options?: ActOptions): Promise<void>;
}

type Act = (engine: Engine) => Promise<unknown>;

export class ResentActs {
  readonly #runId: string;
  readonly #sent: Act[] = [];

  constructor(runId: string) {
    this.#runId = runId;
  }

  get count(): number {
    return this.#sent.length;
  }

  /** Something that is to be done as soon as anybody hears it. */
  note(act: Act): void {
    this.#sent.push(act);
  }

  /** Sends an act, and sends it again at once. */
  async send(engine: Engine, act: Act): Promise<void> {
    this.note(act);
    await act(engine);
    await act(engine);
  }

  /** What a client does that lost its connection: everything is sent once more. */
  async sendAgain(engine: Engine): Promise<void> {
    for (const act of this.#sent) await act(engine);
  }

  actor(engine: Engine): Actor {
    const runId = this.#runId;
    const send = (act: Act): Promise<void> => this.send(engine, act);
    const named = <Options extends ActOptions>(options: Options | undefined): Options & ActOptions => ({
      dedupeId: `act-${this.count}`,
      ...(options ?? ({} as Options)),
    });
    return {
      signal: (name, payload, options) => {
        const own = named(options);
        return send((to) => to.signal(runId, name, payload, own));
      },
      approve: (path, options) => {
        const own = named(options);
        return send((to) => to.approve(runId, path, own));
      },
      reject: (path, options) => {
        const own = named(options);
        return send((to) => to.reject(runId, path, own));
      },
      answer: (path, value, options) => {
        const own = named(options);
        return send((to) => to.answer(runId, path, value, own));
      },
      cancel: (options) => {
        const own = named(options);
        return send((to) => to.cancel(runId, own));
      },
      retry: (options) => {
        const own = named(options);
        return send((to) => to.retry(runId, own));
      },
    };
  }
}
