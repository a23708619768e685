/** The limits of a graph: what a document, an expression and a run of it may be at most. */

/** Of the text of a document, in characters. */
export const MAX_DOCUMENT_LENGTH = 16 * 1024 * 1024;

/** Values in a document, aliases counted as often as they stand for something: a YAML bomb ends here. */
export const MAX_VALUES = 1_000_000;

/** Nesting of a document. */
export const MAX_DEPTH = 100;

export const MAX_STEPS = 100_000;

/** Of one expression, in characters. */
export const MAX_EXPRESSION_LENGTH = 4_096;

/** Nesting of an expression, and of its templates. */
export const MAX_EXPRESSION_DEPTH = 40;

/** Nodes of the syntax tree of an expression. */
export const MAX_EXPRESSION_NODES = 1_000;

/** Of what one expression gives, in characters of its texts and one for every other value: as much as a payload may hold. */
export const MAX_EXPRESSION_RESULT = 16 * 1024 * 1024;

/** Items that `map`, `filter`, `all`, `exists` and `exists_one` may look at in one evaluation. */
export const MAX_EXPRESSION_ITEMS = 100_000;

/** Problems that are reported of one document; the rest is counted. */
export const MAX_PROBLEMS = 1_000;

/** Problems that the message of an error lists; its `cause` has all of them. */
export const MAX_PROBLEMS_IN_ERROR = 20;

/** Mistakes of form that are reported: most of them follow from the first. */
export const MAX_PARSE_ERRORS = 20;

/** Steps of a run that execute at the same time. */
export const MAX_CONCURRENT_STEPS = 16;

/** Steps that one decision hands over. */
export const MAX_DISPATCH = 8;

/** Visits of a run: this many times what its loops allow. */
export const STEP_LIMIT_FACTOR = 4;

/** Deadline of a `finalize` step. */
export const FINALIZE_DEADLINE_MS = 60_000;

/** Items of one map. */
export const MAX_MAP_ITEMS = 10_000;

/** Items of one map that are under way at the same time. */
export const MAP_CONCURRENCY = 16;
