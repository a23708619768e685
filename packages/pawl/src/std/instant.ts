/** Times as people write them: ISO 8601 with a zone, so that every machine reads the same moment. */

const FORM = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/;

/** Milliseconds since 1970; undefined where the text is no such time. A day alone begins in UTC. */
export function parseInstant(text: string): number | undefined {
  const time = FORM.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
