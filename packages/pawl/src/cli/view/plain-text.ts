/** Text that is safe in a terminal: no control characters, and cut by the cells it takes. */

// C0, DEL, C1 and the marks that turn the direction of text: a message of a run must not move the cursor of who reads it.
const CONTROL = /(?!\n)[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const WIDE =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}])/u;
const NO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Keeps line breaks, shows every other control character as a replacement character. */
export function safeText(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll('\t', '  ').replace(CONTROL, '\uFFFD');
}

/** The text as one line. */
export function oneLine(text: string): string {
  return safeText(text.trim().replace(/\s*[\r\n]+\s*/g, ' '));
}

/** How many cells of a terminal a line takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += cellsOf(segment);
  return width;
}

function cellsOf(grapheme: string): number {
  if (NO_WIDTH.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
}

/** The line, cut to so many cells; a cut line ends with "…". */
export function cutTo(text: string, cells: number): string {
  if (widthOf(text) <= cells) return text;
  let width = 0;
  let kept = '';
  for (const { segment } of graphemes.segment(text)) {
    width += cellsOf(segment);
    if (width > cells - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** The line, filled with spaces to so many cells. */
export function padTo(text: string, cells: number): string {
  return text + ' '.repeat(Math.max(0, cells - widthOf(text)));
}
