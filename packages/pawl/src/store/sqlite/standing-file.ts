/** Whether the file that a connection writes to still stands under its path: SQLite itself would go on writing to nobody. */
import type { Stats } from 'node:fs';
import { pawlError } from '../../errors/index.ts';
import { MEMORY, statOf } from './open-file.ts';

export class StandingFile {
  readonly #file: string;
  readonly #atFirst: Stats | undefined;

  /** @param file is open already, or `:memory:` */
  constructor(file: string) {
    this.#file = file;
    this.#atFirst = file === MEMORY ? undefined : statOf(file);
  }

  /** @throws `STORE_UNAVAILABLE` where the file was removed or another one stands in its place, `STORE_CORRUPT` where it was cut short. */
  check(): void {
    if (!this.#atFirst) return;
    const stat = statOf(this.#file);
    if (stat?.ino !== this.#atFirst.ino || stat.dev !== this.#atFirst.dev)
      throw pawlError('STORE_UNAVAILABLE', {
        problem: `${this.#file} was removed or replaced while it was open`,
      });
    if (stat.size < this.#atFirst.size)
      throw pawlError('STORE_CORRUPT', { what: `${this.#file} was cut short while it was open` });
  }
}
