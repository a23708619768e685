/** The view of a pipe: one line for each thing that a reader wants to know, none of them ever taken back. */
import type { Screen } from '../screen.ts';
import { eventWords } from './event-words.ts';
import type { Watch } from './watch.ts';

export function plainWatch(screen: Screen, rootRunId: string): Watch {
  return {
    take({ state, event }) {
      const words = eventWords(state, event);
      if (words === undefined) return;
      const isChild = state.runId !== rootRunId && state.created.parentRunId !== undefined;
      screen.lines(isChild ? `  ${words}` : words);
    },
    say: (...lines) => screen.lines(...lines),
    pause: () => undefined,
    resume: () => undefined,
    close: () => undefined,
  };
}
