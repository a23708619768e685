/** The effect of a verify step: looks at every clause, whatever became of those before, and passes where all of them hold. */
import type { KindResult, StepContext } from '../../step/index.ts';
import { textStart } from '../excerpt.ts';
import { SecretReader } from '../secrets.ts';
import { commandProblems } from './command-clause.ts';
import { NAME_BYTES, PROBLEM_BYTES } from './defaults.ts';
import { filesProblems } from './files-clause.ts';
import { type Finding, type VerifyOutput, verificationFailure } from './finding.ts';
import { type Clause, subjectOf, type VerifyInput } from './input.ts';
import { listOf, textProblems } from './text-clause.ts';
import { valueProblems } from './value-clause.ts';

/**
 * Looks at the clauses, one after the other.
 * @throws `VERIFICATION_FAILED` (terminal) with every clause that does not hold; the reason of the signal when the attempt is aborted.
 */
export async function verify({ clauses }: VerifyInput, context: StepContext): Promise<KindResult> {
  const secrets = new SecretReader(context);
  const findings: Finding[] = [];
  for (const clause of clauses) {
    context.signal.throwIfAborted();
    const problems = await problemsOf(clause, context, secrets);
    const problem = textStart(secrets.mask(problems.join('; ')), PROBLEM_BYTES);
    const ok = problems.length === 0;
    findings.push({ clause: secrets.mask(titleOf(clause)), ok, problem: ok ? null : problem });
  }
  if (!findings.every(({ ok }) => ok)) throw verificationFailure(findings);
  return { outcome: 'passed', output: { passed: true, findings } satisfies VerifyOutput };
}

async function problemsOf(
  clause: Clause,
  context: StepContext,
  secrets: SecretReader,
): Promise<readonly string[]> {
  switch (subjectOf(clause)) {
    case 'command':
    case 'argv':
      return await commandProblems(clause, context, secrets);
    case 'text':
      return await textProblems(textOf(clause.text), clause, context.signal);
    case 'value':
      return valueProblems(clause.value, clause.schema ?? {});
    case 'files':
      return await filesProblems(clause, context.signal);
    case 'expression':
      return answerProblems(clause.expression);
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** True holds, and nothing else does. */
function answerProblems(answer: Clause['expression']): readonly string[] {
  if (answer === undefined) return ['was not evaluated'];
  if ('problem' in answer) return [answer.problem];
  return answer.value === true ? [] : [`gives ${textOf(answer.value)}`];
}

function titleOf(clause: Clause): string {
  if (clause.name !== undefined) return clause.name;
  const { command, argv, files, expression } = clause;
  const subject = subjectOf(clause);
  const what = command ?? argv?.join(' ') ?? expression?.source ?? listOf(files).join(', ');
  return textStart(what === '' ? subject : `${subject} ${what}`, NAME_BYTES);
}
