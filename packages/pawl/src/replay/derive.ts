/** Numbers that look random and are the same at every replay: derived from the run's id, the scope and the occurrence. */
import { digestText } from '../std/index.ts';

/** A number in [0, 1) with 52 random bits. */
export function derivedNumber(seed: string): number {
  return Number.parseInt(digestText(seed).slice(0, 13), 16) / 2 ** 52;
}

/** A UUID of version 4 form (RFC 9562) whose bits come from the seed. */
export function derivedUuid(seed: string): string {
  const hex = digestText(seed);
  const variant = ((Number.parseInt(hex[16] as string, 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
