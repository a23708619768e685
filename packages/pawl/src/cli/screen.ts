/** The one door to the terminal: what is written where, and what the terminal can do. */
import { isatty } from 'node:tty';
import { DEFAULT_COLUMNS, DEFAULT_ROWS } from './defaults.ts';
import { openOutput, type Output } from './output.ts';
import { COLORED, PLAIN, type Style } from './view/style.ts';

export interface Screen {
  /** Whether standard output is a terminal. */
  readonly isTerminal: boolean;
  /** Whether a person can be asked: standard input and output are a terminal. */
  readonly canAsk: boolean;
  readonly style: Style;
  /** Columns and rows of the terminal as they are now. */
  readonly size: () => { readonly columns: number; readonly rows: number };
  /** Standard output, as text goes out. */
  readonly output: Output;
  /** Writes text as it is to standard output. */
  write(text: string): void;
  /** Writes lines to standard output. */
  lines(...lines: readonly string[]): void;
  /** Writes lines to standard error. */
  notes(...lines: readonly string[]): void;
}

/** The screen of this process. `NO_COLOR` (https://no-color.org) and `TERM=dumb` are respected. */
export function openScreen(env: Readonly<Record<string, string | undefined>>): Screen {
  const { stdout, stderr } = process;
  const output = openOutput(stdout);
  stderr.on('error', () => undefined); // nobody is left to be told
  const isTerminal = isatty(1) && env['TERM'] !== 'dumb';
  const hasColor = isTerminal && (env['NO_COLOR'] ?? '') === '';
  return {
    isTerminal,
    canAsk: isTerminal && isatty(0),
    style: hasColor ? COLORED : PLAIN,
    // A terminal that does not know its size says 0.
    size: () => ({ columns: stdout.columns || DEFAULT_COLUMNS, rows: stdout.rows || DEFAULT_ROWS }),
    output,
    write: (text) => output.write(text),
    lines: (...lines) => output.write(lines.map((line) => `${line}\n`).join('')),
    notes: (...lines) => void stderr.write(lines.map((line) => `${line}\n`).join('')),
  };
}
