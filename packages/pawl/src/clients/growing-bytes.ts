/** Bytes that arrive in pieces and are kept up to a limit, in one buffer: a million tiny pieces cost what one big one costs. */

const FIRST_BYTES = 16 * 1024;

export class GrowingBytes {
  readonly #limit: number;
  #buffer = Buffer.alloc(0);
  #length = 0;

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  /** Keeps as much of the piece as fits, and says how many bytes that was. */
  append(piece: Uint8Array): number {
    const taken = Math.min(piece.length, this.#limit - this.#length);
    if (taken === 0) return 0;
    this.#makeRoom(this.#length + taken);
    this.#buffer.set(piece.subarray(0, taken), this.#length);
    this.#length += taken;
    return taken;
  }

  /** What is kept; a view that later pieces may outdate. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #makeRoom(needed: number): void {
    if (needed <= this.#buffer.length) return;
    const size = Math.min(this.#limit, Math.max(needed, FIRST_BYTES, this.#buffer.length * 2));
    const larger = Buffer.allocUnsafe(size);
    larger.set(this.bytes());
    this.#buffer = larger;
  }
}
