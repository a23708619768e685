/** Asks a parser of another room: what that refuses is a problem of the document. */
import { isPawlError } from '../errors/index.ts';
import type { DocumentPath, ProblemList } from './problem.ts';

/** What the parsers of other rooms refuse becomes a problem at its place. */
export function attempt<T>(parse: () => T, path: DocumentPath, problems: ProblemList): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (!isPawlError(error)) throw error;
    problems.add(error.code, { path, params: error.params });
    return undefined;
  }
}
