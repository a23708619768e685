/** Why a run does not move, and the command that moves it, as lines. */
import type { Why } from '../../engine/index.ts';
import { oneLine } from './plain-text.ts';
import type { Style } from './style.ts';

/** `flag` is what the printed commands need beside their arguments, such as ` --store …`. */
export function whyLines(why: Why, style: Style, flag: string): string[] {
  return why.reasons.flatMap(({ text, command }) => [
    oneLine(text),
    ...(command === undefined ? [] : [`  ${style.bold(`${oneLine(command)}${flag}`)}`]),
  ]);
}
