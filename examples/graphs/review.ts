/** What the graph `review.yaml` calls by name. */
import type { FunctionTools } from 'pawl';

interface Rule {
  readonly finding: string;
  readonly isBroken: (text: string) => boolean;
  readonly mend: (text: string) => string;
}

const RULES: readonly Rule[] = [
  {
    finding: 'spaces that nobody needs',
    isBroken: (text) => text !== text.trim() || text.includes('  '),
    mend: (text) => text.trim().replaceAll(/ +/g, ' '),
  },
  {
    finding: 'a note to oneself',
    isBroken: (text) => /^todo\b/i.test(text),
    mend: (text) => text.replace(/^todo:? ?/i, ''),
  },
  {
    finding: 'a small letter at the beginning',
    isBroken: (text) => /^\p{Ll}/u.test(text),
    mend: (text) => text.charAt(0).toUpperCase() + text.slice(1),
  },
];

/** Gives what is wrong with the text: nothing where it is fine. */
export function check(text: string): string[] {
  return RULES.filter(({ isBroken }) => isBroken(text)).map(({ finding }) => finding);
}

/** Mends one finding at a time, as people do. */
export function mend({
  text,
  findings,
}: {
  readonly text: string;
  readonly findings: readonly string[];
}): string {
  const rule = RULES.find(({ finding }) => finding === findings[0]);
  return rule ? rule.mend(text) : text;
}

/** The idempotency key is the same at every attempt: a service that gets it twice publishes once. */
export function publish(text: string, { idempotencyKey, log }: FunctionTools): string {
  log.info('published', { text, idempotencyKey });
  return idempotencyKey;
}
