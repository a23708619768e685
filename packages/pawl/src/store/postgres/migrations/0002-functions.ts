/** Migration 2: the functions that write. A change of one is a new function of a new name, so that older workers keep theirs. */
import { commitFunction } from '../functions/commit.ts';
import { freeFunction } from '../functions/free.ts';
import { placeFunction, projectWaitsFunction, unmetFunction } from '../functions/judge.ts';
import { pruneFunction } from '../functions/prune.ts';
import { registerFunction } from '../functions/register.ts';

export const functions = [
  placeFunction,
  unmetFunction,
  projectWaitsFunction,
  commitFunction,
  freeFunction,
  registerFunction,
  pruneFunction,
].join('\n');
