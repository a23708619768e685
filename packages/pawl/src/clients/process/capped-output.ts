/** One output stream of a process, kept as its head and its tail while it runs, so that endless output costs no memory. */
import { GrowingBytes } from '../growing-bytes.ts';
import { firstWhole, lastWhole, textOf } from '../utf8.ts';

/** The text of a stream. What lies between head and tail was left out; `tail` is empty where nothing was. */
export interface OutputText {
  readonly head: string;
  readonly tail: string;
  /** Bytes between head and tail that are not in them; 0: `head` is everything. */
  readonly leftOutBytes: number;
}

/** Half of the limit holds the beginning, the other half is a ring that holds the end. */
export class CappedOutput {
  readonly #half: number;
  readonly #head: GrowingBytes;
  /** Allocated when the head is full; the byte at `#ringAt` is the next to be overwritten. */
  #ring: Buffer | undefined;
  #ringAt = 0;
  #total = 0;

  constructor(limitBytes: number) {
    this.#half = Math.floor(limitBytes / 2);
    this.#head = new GrowingBytes(this.#half);
  }

  push(chunk: Uint8Array): void {
    this.#total += chunk.length;
    const rest = chunk.subarray(this.#head.append(chunk));
    if (rest.length > 0) this.#pushToRing(rest);
  }

  /** The text within `limitBytes`, which is at most the limit that the stream was kept with. Cuts fall between characters. */
  text(limitBytes = this.#half * 2): OutputText {
    const kept = Buffer.concat([this.#head.bytes(), this.#tailBytes()]);
    if (this.#total <= limitBytes) return { head: textOf(kept), tail: '', leftOutBytes: 0 };
    const half = Math.floor(limitBytes / 2);
    const head = firstWhole(kept, half);
    const tail = lastWhole(kept, half);
    return {
      head: textOf(head),
      tail: textOf(tail),
      leftOutBytes: this.#total - head.length - tail.length,
    };
  }

  #pushToRing(bytes: Uint8Array): void {
    this.#ring ??= Buffer.allocUnsafe(this.#half);
    const size = this.#ring.length;
    const last = bytes.subarray(Math.max(0, bytes.length - size));
    const untilEnd = Math.min(last.length, size - this.#ringAt);
    this.#ring.set(last.subarray(0, untilEnd), this.#ringAt);
    this.#ring.set(last.subarray(untilEnd), 0);
    this.#ringAt = (this.#ringAt + last.length) % size;
  }

  /** What follows the head: all of it, or its last half limit. */
  #tailBytes(): Buffer {
    const length = this.#total - this.#head.bytes().length;
    if (!this.#ring) return Buffer.alloc(0);
    if (length <= this.#ring.length) return this.#ring.subarray(0, length);
    return Buffer.concat([this.#ring.subarray(this.#ringAt), this.#ring.subarray(0, this.#ringAt)]);
  }
}
