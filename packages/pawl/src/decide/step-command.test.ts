/** Promises of commands: expressions that a kind asks for are answered before its step is scheduled. */
import { expect, test } from 'vitest';
import { validateValue } from '../graph/index.ts';
import { commandFor } from './step-command.ts';

function asked(kind: string, given: unknown) {
  const steps = { s: { kind, with: given } };
  const { graph, problems } = validateValue({ pawl: 1, workflow: 'w', version: '1', steps });
  const [work] = graph?.steps ?? [];
  if (work === undefined) throw new Error(JSON.stringify(problems));
  const scope = { input: { list: [3, 4] }, state: {}, steps: {}, run: {} };
  return commandFor({ work, path: 's', after: { n: 0 }, scope });
}

test('a reduce step gets what its expression gives for its items', () => {
  const given = { items: '{{ input.list }}', strategy: 'expression', expression: 'items[0] + items[1]' };
  expect(asked('reduce', given)).toMatchObject({
    type: 'ScheduleStep',
    step: {
      kind: 'reduce',
      input: { items: [3, 4], expression: { source: 'items[0] + items[1]', value: 7 } },
    },
  });
});

test('a verify step gets the answer of each of its expressions, a failed one too', () => {
  const clauses = [
    { text: '{{ input.list }}', contains: '3' },
    { expression: 'input.list.size() > 5' },
    { expression: 'input.x' },
  ];
  expect(asked('verify', { clauses })).toMatchObject({
    step: {
      kind: 'verify',
      input: {
        clauses: [
          { text: [3, 4], contains: '3' },
          { expression: { source: 'input.list.size() > 5', value: false } },
          { expression: { source: 'input.x', problem: expect.stringContaining('No such key') } },
        ],
      },
    },
  });
});
