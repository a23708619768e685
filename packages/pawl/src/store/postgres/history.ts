/** Notices that another history answers: a standby that was promoted may lack what its primary had answered. */
import { pawlError } from '../../errors/index.ts';
import type { ChangeListener } from '../index.ts';
import type { DatabaseSession } from './connection.ts';
import { isStatementError } from './errors.ts';
import { selectHistory } from './queries/select-history.ts';

interface Facts {
  readonly system: string;
  readonly timeline: string | null;
}

export class History {
  readonly #listeners = new Set<ChangeListener>();
  #known = '';

  watch(listener: ChangeListener): () => void {
    const own: ChangeListener = () => listener();
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  /**
   * Looks at a new session before anything is written there. Nothing that was meant for the former history may be written to
   * another one: whoever listens is told, and what asked for the session has an unknown fate. @throws `STORE_UNKNOWN`, `STORE_UNAVAILABLE`
   */
  async look(session: DatabaseSession): Promise<void> {
    const { system, timeline } = await factsOf(session);
    if (timeline === null) {
      if (this.#known !== '')
        throw pawlError('STORE_UNAVAILABLE', { problem: 'the server is a standby, it takes no commits' });
      return; // nothing was written by us yet
    }
    const former = this.#known;
    this.#known = `${system}/${timeline}`;
    if (former === '' || former === this.#known) return;
    for (const listener of this.#listeners) listener();
    throw pawlError('STORE_UNKNOWN', {
      problem: `history ${former} has ended, the server goes on with ${this.#known}`,
    });
  }
}

/** A server that does not tell counts as one that never changes. */
async function factsOf(session: DatabaseSession): Promise<Facts> {
  try {
    const [facts] = (await session.run(selectHistory.sql)) as readonly Facts[];
    return facts ?? { system: '', timeline: '' };
  } catch (error) {
    if (isStatementError(error)) return { system: '', timeline: '' };
    throw error;
  }
}
