/** The label of a step of which a person says that it happened: one that its kind can end with. */
import { pawlError } from '../errors/index.ts';
import { isGoodLabel, isGraphWorkflow } from '../graph/index.ts';
import type { RunState } from '../run/index.ts';
import { canEndAs } from '../step/index.ts';
import type { EngineContext } from './context.ts';

/**
 * A kind that is not known here is taken at the person's word. Only the edges of a graph ask which label it was.
 * @throws `ANSWER_LABEL` for a label that the kind does not have, and for none where a graph has to know it
 */
export function checkLabel(
  { kinds, registered }: Pick<EngineContext, 'kinds' | 'registered'>,
  { steps, parked, created: { workflow, version } }: RunState,
  outcome: string | undefined,
): void {
  const path = parked?.path ?? '';
  const kind = kinds.get(steps.get(path)?.kind ?? '');
  if (kind === undefined) return;
  const labels = kind.labels ?? ['ok'];
  const known = typeof labels === 'string' ? 'the labels of that step' : labels.join(', ');
  const refused = (problem: string): Error =>
    pawlError('ANSWER_LABEL', { path, kind: kind.name, problem, known });
  if (outcome !== undefined && !canEndAs(kind, outcome)) throw refused(`never ends as "${outcome}"`);
  const isGraph = registered.some(
    (one) => one.name === workflow && one.version === version && isGraphWorkflow(one),
  );
  if (outcome !== undefined || !isGraph || canEndAs(kind, 'ok') || typeof labels === 'string') return;
  if (labels.filter(isGoodLabel).length !== 1) throw refused('has several labels, and an edge must be taken');
}
