/** Promises of templates: paths become ours, and what a template of ours cannot do is refused. */
import { describe, expect, test } from 'vitest';
import { compileTemplate } from '../../packages/pawl/src/graph/template.ts';
import { checkerFor } from '../../packages/pawl/src/graph/expression.ts';
import type { DataStyle } from '../../packages/pawl/src/import/data-path.ts';
import { readTemplate } from '../../packages/pawl/src/import/jinja.ts';

const STYLE: DataStyle = { hasBareNames: true, declared: undefined };
const STATE = { name: 'Ada', n: 3, deep: { er: [1, 2] }, nothing: null };

function rendered(text: string, style = STYLE): unknown {
  const reading = readTemplate(text, style);
  if (!reading.ok) return `refused: ${reading.problem}`;
  const checker = checkerFor({ input: 'map', state: 'map', output: undefined, steps: new Set() });
  const template = compileTemplate(reading.text, checker, (problem) => expect(problem).toBe('fine'));
  const resolved = template.resolve({ input: {}, state: STATE, steps: {}, run: {} });
  return resolved.ok ? resolved.value : resolved.problem.problem;
}

describe('a template', () => {
  test.each([
    ['Hello, {{ name }}!', 'Hello, Ada!'],
    ['Hello, {{ state.name }}!', 'Hello, Ada!'],
    ['{{ n }}', 3],
    [' {{ state.deep.er }} ', [1, 2]],
    ['{{ missing }}', null],
    ['<{{ missing }}>', '<>'],
    ['<{{ state.deep.missing.more }}>', '<>'],
    ['{{ state.deep.er.1 }}', 2],
    ['{{ nothing }}', null],
    ['{{ n > 2 }}', true],
    ['{{ "text" }}', 'text'],
    ['{{ 3 }} and {{ name }}', '3 and Ada'],
    ['no template', 'no template'],
    ['a {# comment #}b', 'a b'],
  ])('%s', (text, expected) => {
    expect(rendered(text)).toEqual(expected);
  });

  test.each([
    ['{% for x in list %}{{ x }}{% endfor %}', 'decides or repeats'],
    ['{% if state.a %}a{% endif %}', 'decides or repeats'],
    ['{{ state.list | join(", ") }}', 'filters are not offered'],
    ["{{ state.repo.split('/')[0] }}", '"(" is not expected here'],
    ['{{ a if b else c }}', '"if" is not expected here'],
    ['{{ output.x }}', 'by the name of its step'],
    ['{{ }}', 'ends too early'],
    [`{{ ${'x'.repeat(80)} | upper }}`, '…'],
  ])('is refused with its own words: %s', (text, problem) => {
    expect(rendered(text)).toContain(problem);
  });

  test('names the variables of the environment that it asks for', () => {
    expect(readTemplate('Bearer ${TOKEN} of {{ env.HOST }}', STYLE)).toEqual({
      ok: true,
      text: 'Bearer ${TOKEN} of ${HOST}',
      environment: ['TOKEN', 'HOST'],
    });
  });
});
