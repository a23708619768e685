/** Promises of a declared workflow: its options are checked once, and its digest is that of what it declares. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { DEFAULT_RETRY } from '../step/index.ts';
import { isWorkflow } from '../run/index.ts';
import { workflow, type WorkflowOptions } from './workflow.ts';

const run = (): number => 1;

function declared(options: Partial<WorkflowOptions<unknown, unknown>> = {}) {
  return workflow<unknown, unknown>({ name: 'w', ...options }, run);
}

describe('a workflow', () => {
  test('is what it declares, with defaults for what it leaves out', () => {
    expect(declared()).toEqual({
      name: 'w',
      version: '1',
      digest: expect.stringMatching(/^[\da-f]{64}$/),
      labels: {},
      retry: undefined,
      deadlineMs: undefined,
      compatible: [],
      inputSchema: undefined,
      outputSchema: undefined,
      onCancel: undefined,
      run,
    });
    const [input, output, onCancel] = [z.string(), z.number(), (): void => undefined];
    const full = {
      version: '2.1',
      labels: { team: 'a' },
      retry: 'io',
      deadline: '1h',
      compatible: ['1'],
    } as const;
    expect(declared({ ...full, input, output, onCancel, title: 'T', description: 'D' })).toMatchObject({
      version: '2.1',
      labels: { team: 'a' },
      retry: { ...DEFAULT_RETRY, attempts: 5 },
      deadlineMs: 3_600_000,
      compatible: ['1'],
      inputSchema: input,
      outputSchema: output,
      onCancel,
    });
  });

  test('cannot be changed', () => {
    expect(Object.isFrozen(declared())).toBe(true);
  });

  test.each<[string, unknown, string, string]>([
    ['nothing', undefined, 'WORKFLOW_NAME_MISSING', 'A workflow has no name.'],
    ['no name', {}, 'WORKFLOW_NAME_MISSING', 'A workflow has no name.'],
    ['an empty name', { name: '' }, 'WORKFLOW_NAME_MISSING', 'A workflow has no name.'],
    ['a name with a slash', { name: 'a/b' }, 'WORKFLOW_NAME_INVALID', '"a/b" is not a workflow name.'],
    ['a number as name', { name: 5 }, 'WORKFLOW_NAME_INVALID', '"number" is not a workflow name.'],
    ['an unknown option', { name: 'w', retires: 1 }, 'OPTION_UNKNOWN', 'there is no option "retires"'],
    ['a budget', { name: 'w', budget: 1 }, 'NOT_SUPPORTED_YET', 'workflow "w".budget is not enforced'],
    [
      'a bad version',
      { name: 'w', version: '1 beta' },
      'NAME_INVALID',
      '"1 beta" is not a name for a version',
    ],
    ['a bad retry', { name: 'w', retry: 'often' }, 'RETRY_INVALID', 'workflow "w".retry'],
    ['a bad deadline', { name: 'w', deadline: 'soon' }, 'DURATION_INVALID', 'workflow "w".deadline'],
  ])('may not be declared with %s', (_what, options, code, message) => {
    expect(() => workflow(options as never, run)).toThrowError(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });

  test('may not be declared without its function', () => {
    expect(() => workflow({ name: 'w' }, undefined as never)).toThrowError(
      expect.objectContaining({
        code: 'OPTION_INVALID',
        message: expect.stringContaining('the workflow function'),
      }),
    );
  });
});

describe('the digest of a workflow', () => {
  test.each<[string, Partial<WorkflowOptions<unknown, unknown>>]>([
    ['its version', { version: '2' }],
    ['its retry', { retry: 'io' }],
    ['its deadline', { deadline: '1h' }],
    ['its input', { input: z.object({ a: z.string() }) }],
    ['its output', { output: z.object({ a: z.string() }) }],
  ])('changes with %s', (_what, options) => {
    expect(declared(options).digest).not.toBe(declared().digest);
  });

  test.each<[string, Partial<WorkflowOptions<unknown, unknown>>]>([
    ['its labels', { labels: { a: 'b' } }],
    ['what it is compatible with', { compatible: ['0'] }],
    ['a default that is written out', { version: '1' }],
  ])('does not change with %s', (_what, options) => {
    expect(declared(options).digest).toBe(declared().digest);
  });

  test('does not change with its code: replay finds that', () => {
    expect(workflow({ name: 'w' }, () => 2).digest).toBe(declared().digest);
  });
});

describe('what is a workflow', () => {
  test('is known by its parts, also from another copy of the package', () => {
    expect(isWorkflow(declared())).toBe(true);
    expect(isWorkflow({ ...declared() })).toBe(true);
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a function', run],
    ['an object without a function', { name: 'w', digest: 'd' }],
    ['an object without a digest', { name: 'w', run }],
    ['an object without a name', { digest: 'd', run }],
  ])('is not %s', (_what, value) => {
    expect(isWorkflow(value)).toBe(false);
  });
});
