/** Warnings: what is legal, and hardly what was meant. */
import { isRecord } from './expression-types.ts';
import { names, pathOfStep } from './flow.ts';
import type { GraphStep } from './graph.ts';
import { BAD_LABELS, EXHAUSTED } from './labels.ts';
import type { DocumentPath, ProblemList } from './problem.ts';

type Fields = Readonly<Record<string, unknown>>;

/** `given` are the steps as they were written. */
export function warn(steps: readonly GraphStep[], given: Fields, problems: ProblemList): void {
  for (const step of steps) {
    const written = fieldsOf(given[step.name]);
    if (step.finalize === undefined)
      for (const label of unhandled(step, fieldsOf(written['with']))) {
        const params = { step: step.name, label };
        problems.add('LABEL_UNHANDLED', { severity: 'warning', path: pathOfStep(step), params });
      }
    for (const { path, template } of filledCommands(written, pathOfStep(step)))
      problems.add('COMMAND_TEMPLATE', { severity: 'warning', path, params: { template } });
    for (const place of readingItself(step)) {
      const params = { step: step.name };
      problems.add('SAVE_READS_ITSELF', { severity: 'warning', path: pathOfStep(step, ...place), params });
    }
  }
}

/** Answers of people, and loops at their limit, that would fail the run; that a step may fail or be cancelled needs no word. */
function unhandled(step: GraphStep, given: Fields): readonly string[] {
  const own = step.kind.labels.filter((label) => BAD_LABELS.has(label) && label !== 'cancelled');
  const mayExpire = step.kind.opens !== 'wait' || mayEndByTime(given);
  const answers = mayExpire ? own : own.filter((label) => label !== 'expired');
  const possible = step.outgoing.some((edge) => edge.loop) ? [...answers, EXHAUSTED] : answers;
  return possible.filter((label) => !step.outgoing.some((edge) => names(edge, label)));
}

/** Where a step saves what is known of itself: that is its visit before, and it has none outside of a loop. */
function readingItself({ name, save, loops }: GraphStep): readonly DocumentPath[] {
  if (save === undefined || loops.length > 0) return [];
  if (save.type === 'whole') return save.expression.steps?.includes(name) ? [['save']] : [];
  const keys = save.keys.filter(([, { steps }]) => steps?.includes(name));
  return keys.map(([key]) => ['save', key]);
}

/** What waits for ever never expires, and neither does what the deadline decides. */
function mayEndByTime({ deadline, timeout, onTimeout }: Fields): boolean {
  const isDecided = onTimeout === 'approve' || onTimeout === 'reject';
  return (deadline !== undefined || timeout !== undefined) && !isDecided;
}

interface FilledCommand {
  readonly path: DocumentPath;
  readonly template: string;
}

/** Command lines with a template in them: of a step, of what a map runs for its items, of the clauses of a contract. */
function filledCommands({ kind, with: given }: Fields, path: DocumentPath): readonly FilledCommand[] {
  const fields = fieldsOf(given);
  const inside = [...path, 'with'];
  if (kind === 'shell') return templateIn(fields['command'], [...inside, 'command']);
  if (kind === 'map') return filledCommands(fieldsOf(fields['step']), [...inside, 'step']);
  if (kind !== 'verify' || !Array.isArray(fields['clauses'])) return [];
  return (fields['clauses'] as unknown[]).flatMap((clause, index) =>
    templateIn(fieldsOf(clause)['command'], [...inside, 'clauses', index, 'command']),
  );
}

function templateIn(command: unknown, path: DocumentPath): readonly FilledCommand[] {
  const template = typeof command === 'string' ? /\{\{.*?\}\}/s.exec(command)?.[0] : undefined;
  return template === undefined ? [] : [{ path, template }];
}

function fieldsOf(value: unknown): Fields {
  return isRecord(value) ? value : {};
}
