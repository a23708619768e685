/** The error codes of the kinds that graphs are made of. Part of the catalogue. */
import type { Entry } from './entry.ts';

export const kindCodes = {
  FUNCTION_UNKNOWN: {
    family: 'failure',
    message: 'No function "{name}" is registered here{hint}.',
    todo: 'Give it to the engine: `pawl.open({ functions: { … } })`.',
  },
  REDUCE_MISFIT: {
    family: 'failure',
    message: 'The strategy "{strategy}" has no answer: {problem}.',
    todo: 'Correct the items, or choose another strategy.',
  },
  VERIFICATION_FAILED: {
    family: 'failure',
    message: '{failed} of {total} clauses do not hold: {problems}',
    todo: 'Mend what was verified, or correct the contract; an edge with `on: failed` goes on from here.',
  },
} as const satisfies Record<string, Entry>;
