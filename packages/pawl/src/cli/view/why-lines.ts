/** Why a run does not move, and the command that moves it: as lines for people, as data for programs. */
import type { Why } from '../../engine/index.ts';
import { type Typed, typedText } from '../typed-command.ts';
import { oneLine } from './plain-text.ts';
import type { Style } from './style.ts';

export function whyLines(why: Why, style: Style, typed: Typed): string[] {
  return whyJson(why, typed).flatMap(({ text, command }) => [
    oneLine(text),
    ...(command === undefined ? [] : [`  ${style.bold(oneLine(command))}`]),
  ]);
}

/** The reasons with commands that can be typed as they stand. */
export function whyJson({ reasons }: Why, typed: Typed): Why['reasons'] {
  return reasons.map(({ text, command }) => ({
    text: typedText(text, typed),
    ...(command === undefined ? {} : { command: typed(command) }),
  }));
}
