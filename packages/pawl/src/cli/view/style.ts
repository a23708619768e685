/** Colors of the terminal, or none of them. */

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  green(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

function painter(open: number, close: number): (text: string) => string {
  return (text) => (text === '' ? '' : `\u001b[${open}m${text}\u001b[${close}m`);
}

function same(text: string): string {
  return text;
}

/** For pipes, files, and `NO_COLOR`. */
export const PLAIN: Style = { bold: same, dim: same, green: same, red: same, yellow: same, cyan: same };

/** SGR codes of ECMA-48: every terminal of today knows them. */
export const COLORED: Style = {
  bold: painter(1, 22),
  dim: painter(2, 22),
  green: painter(32, 39),
  red: painter(31, 39),
  yellow: painter(33, 39),
  cyan: painter(36, 39),
};
