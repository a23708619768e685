/** Text from bytes that come from anywhere: always recordable, and never cut in the middle of a character. */

const NUL = '\u0000';
const REPLACEMENT = '\uFFFD';

/** Bytes as UTF-8. What is not UTF-8, and NUL, which not every store takes, becomes U+FFFD. */
export function textOf(bytes: Buffer): string {
  if (!bytes.includes(0)) return bytes.toString('utf8');
  const copy = Buffer.from(bytes);
  for (let at = 0; at < copy.length; at++) if (copy[at] === 0) copy[at] = NO_UTF8;
  return copy.toString('utf8');
}

/** A byte that stands nowhere in UTF-8: the decoder replaces it, much faster than a replacement in the text would be. */
const NO_UTF8 = 0xff;

/** A text without what a journal cannot hold: NUL and lone surrogates become U+FFFD. */
export function recordableText(text: string): string {
  return text.replaceAll(NUL, REPLACEMENT).toWellFormed();
}

/** The first bytes, at most `limit`, without a character that the cut would break. */
export function firstWhole(bytes: Buffer, limit: number): Buffer {
  if (bytes.length <= limit) return bytes;
  const cut = bytes.subarray(0, limit);
  for (let back = 1; back <= Math.min(3, cut.length); back++) {
    const byte = cut[cut.length - back];
    if (!isContinuation(byte)) return lengthOf(byte) > back ? cut.subarray(0, -back) : cut;
  }
  return cut;
}

/** The last bytes, at most `limit`, without a character that the cut would break. */
export function lastWhole(bytes: Buffer, limit: number): Buffer {
  if (bytes.length <= limit) return bytes;
  const cut = bytes.subarray(bytes.length - limit);
  for (let start = 0; start <= 3; start++) {
    if (!isContinuation(cut[start])) return cut.subarray(start);
  }
  return cut; // no UTF-8: there is no character to keep whole
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0b1100_0000) === 0b1000_0000;
}

/** Bytes of the character that this byte opens. */
function lengthOf(byte: number | undefined): number {
  if (byte === undefined || byte < 0b1100_0000) return 1;
  if (byte < 0b1110_0000) return 2;
  return byte < 0b1111_0000 ? 3 : 4;
}
