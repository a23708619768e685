/** The error codes of importers: what a file of another system holds that cannot mean the same here. Part of the catalogue. */
import type { Entry } from './entry.ts';

export const importCodes = {
  IMPORT_REFUSED: {
    family: 'usage',
    message: '{file} cannot be imported: {count} things in it cannot mean the same here.',
    todo: 'Each of them says what to do; nothing was written.',
  },
  IMPORT_FORMAT: {
    family: 'usage',
    message: '{where}: {problem}.',
    todo: 'See docs/import.md for the files that can be read, and name the one that holds the graph first.',
  },
  IMPORT_SHAPE: {
    family: 'usage',
    message: '{where}: {problem}.',
    todo: 'Correct the file; nothing was written.',
  },
  IMPORT_KIND_UNKNOWN: {
    family: 'usage',
    message: '{where}: there is no kind "{kind}" there{hint}.',
    todo: 'Correct it, or write this step by hand: what nobody knows is not taken for something else.',
  },
  IMPORT_NODE_UNKNOWN: {
    family: 'usage',
    message: '{where}: there is no node "{name}"{hint}.',
    todo: 'Correct the name, or add the node.',
  },
  IMPORT_BRANCH_UNKNOWN: {
    family: 'usage',
    message: '{where}: its node never ends as "{branch}"{hint}, only as {known}.',
    todo: 'Correct the branch, or remove the edge: it would never be taken.',
  },
  IMPORT_CONDITION: {
    family: 'usage',
    message: '{where}: the condition {condition} cannot be asked here: {problem}.',
    todo: 'Write it as paths of the state and literals, with == != < <= > >= in, and, or, not; or compute it in a step before.',
  },
  IMPORT_TEMPLATE: {
    family: 'usage',
    message: '{where}: {problem}.',
    todo: 'Make the text in a step before, or pass what it needs in the input of the run.',
  },
  IMPORT_DIFFERS: {
    family: 'usage',
    message: '{where}: {problem}.',
    todo: 'It cannot mean the same here: change the file, or write this part of the graph by hand.',
  },
  IMPORT_RESULT: {
    family: 'usage',
    message: '{where}: what it becomes is no valid graph: {problem}.',
    todo: 'Change the file at this place; docs/graphs.md has the rules that the graph broke.',
  },
} as const satisfies Record<string, Entry>;
