/** The error codes of the kinds that graphs are made of. Part of the catalogue. */
import type { Entry } from './entry.ts';

export const kindCodes = {
  FUNCTION_UNKNOWN: {
    family: 'failure',
    message: 'No function "{name}" is registered here{hint}.',
    todo: 'Give it to the engine: `pawl.open({ functions: { … } })`.',
  },
} as const satisfies Record<string, Entry>;
