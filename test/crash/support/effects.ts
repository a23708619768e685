/** The world outside: a file to which every effect appends one line, whoever has it and whatever becomes of him. */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Firing } from './protocol.ts';

/** Opens the file for appending; a line is one write, so that lines of several processes never mix. */
export function effectsWriter(file: string): { append(firing: Firing): void; close(): void } {
  const descriptor = openSync(file, 'a');
  return {
    append: (firing) => void writeSync(descriptor, `${JSON.stringify(firing)}\n`),
    close: () => closeSync(descriptor),
  };
}

/** All effects, in the order in which they happened; a line that is still being written is not one yet. */
export function readEffects(file: string): readonly Firing[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Firing);
}
