/** Promises of times that are written out: what no step can do is refused at its place, and not when the step runs. */
import { describe, expect, test } from 'vitest';
import { validateText } from './validate.ts';

function problemsOf(step: string, top = ''): string[] {
  const text = `pawl: 1\nworkflow: w\nversion: "1"\n${top}steps:\n  a: { ${step} }\n  b: { kind: join }\n`;
  return validateText(text).problems.map(({ line, code, message }) => `${line} ${code} ${message}`);
}

describe('a limit of time', () => {
  test.each([
    ['kind: join, timeout: 0', 'steps.a.timeout: "0 (nothing ends in no time)" is not a duration.'],
    ['kind: join, timeout: 0s', 'steps.a.timeout: "0s (nothing ends in no time)" is not a duration.'],
    ['kind: join, timeout: -1', 'steps.a.timeout: "-1 (less than nothing)" is not a duration.'],
    ['kind: join, deadline: 0', 'steps.a.deadline: "0 (nothing ends in no time)" is not a duration.'],
    ['kind: join, deadline: 40000d', 'steps.a.deadline: "40000d (longer than 100 years)" is not a duration.'],
    [
      'kind: join, retry: { initial: -1 }',
      'steps.a.retry.initial: "-1 (less than nothing)" is not a duration.',
    ],
    ['kind: join, finalize: always, deadline: 0', 'steps.a.deadline: "0 (nothing ends in no time)" is not'],
    [
      'kind: map, with: { items: [1], step: { kind: shell, with: { command: x }, timeout: 0 } }',
      'steps.a.with.step.timeout: "0 (nothing ends in no time)" is not a duration.',
    ],
    [
      'kind: map, with: { items: [1], step: { kind: sleep, with: { for: -1 } } }',
      'steps.a.with.step.with.for: "-1 (less than nothing)" is not a duration.',
    ],
    ['kind: sleep, with: { for: -1 }', 'steps.a.with.for: "-1 (less than nothing)" is not a duration.'],
    ['kind: sleep, with: { for: 0.5 }', 'steps.a.with.for: "0.5" is not a duration.'],
    ['kind: sleep, with: { for: 101y }', 'steps.a.with.for: "101y" is not a duration.'],
    [
      'kind: sleep, with: { for: 36501d }',
      'steps.a.with.for: "36501d (longer than 100 years)" is not a duration.',
    ],
    ['kind: sleep, with: { for: true }', 'steps.a.with.for: "true" is not a duration.'],
    [
      'kind: signal, with: { timeout: -5 }',
      'steps.a.with.timeout: "-5 (less than nothing)" is not a duration.',
    ],
    ['kind: input, with: { deadline: 0 }', 'steps.a.with.deadline: "0 (nothing ends in no time)" is not'],
    [
      'kind: approval, with: { message: m, deadline: 0ms }',
      'steps.a.with.deadline: "0ms (nothing ends in no time)" is',
    ],
    [
      'kind: escalate, with: { to: "human:a", message: m, deadline: soon }',
      'steps.a.with.deadline: "soon" is not',
    ],
  ])('of %s is refused', (step, problem) => {
    const found = problemsOf(step).filter((one) => one.includes('_INVALID'));
    expect(found).toEqual([expect.stringContaining(`5 DURATION_INVALID ${problem}`)]);
  });

  test.each([['soon'], ['5'], ['{}'], ['2026-13-01'], ['2026-01-31T09:00:00'], ['item-1']])(
    'at a time that is none is refused: %s',
    (until) => {
      expect(problemsOf(`kind: sleep, with: { until: ${until} }`)).toEqual([
        '5 FIELD_INVALID steps.a.with.until: must be a time such as 2026-01-31T09:00:00Z.',
      ]);
    },
  );

  test('of the run is refused', () => {
    expect(problemsOf('kind: join', 'deadline: 0\n')).toEqual([
      '4 DURATION_INVALID deadline: "0 (nothing ends in no time)" is not a duration.',
    ]);
  });

  test.each([
    ['kind: sleep, with: { for: 0 }'],
    ['kind: sleep, with: { for: 1h30m }'],
    ['kind: sleep, with: { for: "{{ input.n }}" }'],
    ['kind: sleep, with: { for: "{{ input.n }}s" }'],
    ['kind: sleep, with: { until: "2026-01-31T09:00:00Z" }'],
    ['kind: sleep, with: { until: "{{ input.at }}" }'],
    ['kind: join, retry: { initial: 0 }'],
    ['kind: signal'],
    ['kind: approval, with: { message: m, deadline: 100 }, '],
  ])('of %s may be', (step) => {
    expect(problemsOf(step).filter((one) => one.includes('_INVALID'))).toEqual([]);
  });

  test('of a signal may be nothing: it is taken where it is there', () => {
    expect(
      problemsOf('kind: signal, with: { timeout: 0 }').filter((one) => one.includes('_INVALID')),
    ).toEqual([]);
  });
});

describe('the schema of what somebody sends', () => {
  test.each([
    ['kind: signal, with: { schema: { type: nmuber } }', 'steps.a.with.schema: schema is invalid'],
    [
      'kind: input, with: { schema: { items: { pattern: "a(?=b)" } } }',
      'steps.a.with.schema.items.pattern: the pattern',
    ],
  ])('is refused where it is written out and wrong: %s', (step, problem) => {
    expect(problemsOf(step)).toEqual([expect.stringContaining(`5 FIELD_INVALID ${problem}`)]);
  });

  test('is made when the step runs where there is a template in it', () => {
    const step = 'kind: input, with: { schema: { type: "{{ input.type }}" } }';
    expect(problemsOf(step).filter((one) => one.includes('_INVALID'))).toEqual([]);
  });
});
