/** Findings: what became of each clause, and the failure of a contract that does not hold. */
import { messageOf } from '../../errors/index.ts';
import { FailureError } from '../../step/index.ts';
import { textStart } from '../excerpt.ts';
import { MESSAGE_BYTES } from './defaults.ts';

export interface Finding {
  /** The name of the clause, or what it looks at. */
  readonly clause: string;
  readonly ok: boolean;
  /** Null where the clause holds. */
  readonly problem: string | null;
}

export interface VerifyOutput {
  readonly passed: boolean;
  /** In the order of the clauses. */
  readonly findings: readonly Finding[];
}

/** Says every clause that does not hold, as far as the message has room; `data` has all of them. */
export function verificationFailure(findings: readonly Finding[]): FailureError {
  const broken = findings.filter(({ ok }) => !ok);
  const lines = broken.map(({ clause, problem }) => `${clause}: ${problem}`);
  const problems = textStart(lines.join('; '), MESSAGE_BYTES);
  const counts = { failed: broken.length, total: findings.length };
  return new FailureError({
    class: 'terminal',
    code: 'VERIFICATION_FAILED',
    message: messageOf('VERIFICATION_FAILED', { ...counts, problems }),
    data: { passed: false, findings: findings.map((finding) => ({ ...finding })) },
  });
}
