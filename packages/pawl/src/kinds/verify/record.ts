/** What is recorded of the input of a verify step: everything but what should stay secret, long texts cut. */
import type { Json } from '../../std/index.ts';
import { recordedEnv } from '../command-request.ts';
import { textStart } from '../excerpt.ts';
import { RECORDED_BYTES } from './defaults.ts';
import { type Clause, type VerifyInput, verifyInputSchema } from './input.ts';

/** Of an input that does not fit the schema nothing is recorded: nobody knows where in it a secret is. */
export function recordedVerifyInput(input: VerifyInput): Json {
  const parsed = verifyInputSchema.safeParse(input);
  return parsed.success ? { clauses: parsed.data.clauses.map(recordedClause) } : null;
}

function recordedClause({ env, stdin, text, ...rest }: Clause): Json {
  return {
    ...(rest as { [key: string]: Json }),
    ...(env === undefined ? {} : { env: recordedEnv(env) }),
    ...(stdin === undefined ? {} : { stdin: textStart(stdin, RECORDED_BYTES) }),
    ...(text === undefined
      ? {}
      : { text: typeof text === 'string' ? textStart(text, RECORDED_BYTES) : (text as Json) }),
  };
}
