/** The line of one simulated process to a real server: two sessions, which really break, in the middle of a statement too. */
import {
  Connection,
  type ConnectionOptions,
  type DatabaseSession,
} from '../../../packages/pawl/src/store/postgres/connection.ts';
import type { SessionHooks } from '../../postgres/put-together.ts';
import { Line, type LineOptions } from '../../postgres/line.ts';
import { type Asker, AskerDied, type Statements } from '../../postgres/statements.ts';
import type { Process } from './process.ts';

export interface ProcessLineSetup {
  readonly url: string;
  readonly platform: ConnectionOptions['platform'];
  readonly process: Process;
  readonly statements: Statements;
  readonly line: LineOptions;
  /** Resolves when the server has ended these sessions. */
  readonly whenGone: (pids: readonly number[]) => Promise<void>;
}

/** What is lost where a line breaks: what is sent before it arrives, or what is answered. */
type Loss = 'request' | 'answer';

/** A call makes this many statements, seldom more. */
const MOST_STATEMENTS = 3;

/** States: open → (its process dies) → closed. */
export class ProcessLine implements Asker {
  readonly #setup: ProcessLineSetup;
  readonly #line: Line;
  readonly #connections: Connection[] = [];
  /** Sessions that are open, by their process in the server. */
  readonly #sessions = new Map<Connection, number>();
  #loses: Loss | undefined;
  /** How its process dies. */
  #death: { statementsLeft: number; readonly loses: Loss } | undefined;

  private constructor(setup: ProcessLineSetup, line: Line) {
    this.#setup = setup;
    this.#line = line;
  }

  static async open(setup: ProcessLineSetup): Promise<ProcessLine> {
    return new ProcessLine(setup, await Line.to(setup.url, setup.line));
  }

  get isDead(): boolean {
    return this.#setup.process.state === 'dead';
  }

  /** The next write is lost on its way, or its answer is. */
  loseNext(what: Loss): void {
    this.#loses = what;
  }

  /** The process dies with a statement under way: the so-many-th from now. */
  arm(statements: number): void {
    this.#death = {
      statementsLeft: (statements >> 1) % MOST_STATEMENTS,
      loses: statements % 2 === 0 ? 'request' : 'answer',
    };
  }

  /** A session of this process, whose statements are told to the world. */
  connection(hooks: SessionHooks): Connection {
    const { platform, statements } = this.#setup;
    const connection: Connection = new Connection({
      url: this.#line.url,
      ...hooks,
      platform: {
        ...platform,
        setTimer: (delayMs, run) =>
          platform.setTimer(delayMs, () => {
            run();
            through.wake().catch(() => undefined); // the session is made anew: time waits for it
          }),
      },
      onOpen: async (session: DatabaseSession) => {
        await hooks.onOpen?.(session);
        this.#sessions.set(connection, session.pid);
      },
      onLost: () => {
        this.#sessions.delete(connection);
        hooks.onLost?.();
      },
    });
    const through = statements.through(connection, this, (send, { isWrite }) => this.#send(send, isWrite));
    this.#connections.push(connection);
    return through;
  }

  /** All sessions break, and everybody notices. */
  async cut(): Promise<void> {
    await this.#setup.statements.take(this, async () => {
      this.#line.cut();
      await this.#broken();
    });
  }

  /** The process is gone, and its sessions with it. */
  async close(): Promise<void> {
    const pids = [...this.#sessions.values()];
    const closed = this.#connections.map((one) => one.close());
    await this.#line.close();
    await Promise.all(closed);
    await this.#setup.whenGone(pids);
  }

  async #send(send: () => Promise<unknown>, isWrite: boolean): Promise<unknown> {
    const isLast = this.#death !== undefined && this.#death.statementsLeft-- <= 0;
    const what = isLast ? this.#death?.loses : isWrite ? this.#loses : undefined;
    if (what === undefined) return await send();
    this.#loses = undefined;
    const sessions = new Map(this.#sessions);
    this.#line.cutNext(what);
    try {
      const answer = await send();
      if (!isLast) return answer;
    } catch (error) {
      if (!isLast) throw error;
    } finally {
      await this.#broken(sessions);
    }
    throw new AskerDied();
  }

  /** Resolves when these sessions have noticed that their line broke. */
  async #broken(sessions: ReadonlyMap<Connection, number> = new Map(this.#sessions)): Promise<void> {
    const isOpen = (): boolean => [...sessions].some(([one, pid]) => this.#sessions.get(one) === pid);
    while (isOpen()) await new Promise((resolve) => setImmediate(resolve));
  }
}
