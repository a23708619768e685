/** The error codes of the kinds that graphs are made of. Part of the catalogue. */
import type { Entry } from './entry.ts';

export const kindCodes = {
  OUTCOME_UNDECLARED: {
    family: 'failure',
    message: 'A step of the kind "{kind}" ended as "{label}", which is not one of its labels.',
    todo: 'Add it to the `labels` of the kind; `failed` and `cancelled` are given by Pawl.',
  },
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
