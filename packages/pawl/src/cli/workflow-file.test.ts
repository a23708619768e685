/** Promises of what is found in a user's file. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { workflow } from '../index.ts';
import { loadWorkflows, pickWorkflow, problemOf, workflowsIn } from './workflow-file.ts';

const one = workflow({ name: 'one' }, () => 1);
const two = workflow({ name: 'two' }, () => 2);
const folder = mkdtempSync(join(tmpdir(), 'pawl-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileWith(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

describe('the exports of a file', () => {
  test('are its workflows; everything else is passed over', () => {
    expect([...workflowsIn({ one, limit: 5, helper: () => one, nothing: undefined, two })]).toEqual([
      ['one', one],
      ['two', two],
    ]);
  });

  test('name a workflow once where it is exported twice', () => {
    expect([...workflowsIn({ one, default: one })]).toEqual([['default', one]]);
  });
});

describe('the workflow that is meant', () => {
  const file = { kind: 'file', file: 'f.ts' } as const;

  test('is the default, else the only one', () => {
    expect(pickWorkflow(workflowsIn({ two, default: one }), file)).toBe(one);
    expect(pickWorkflow(workflowsIn({ two }), file)).toBe(two);
  });

  test('is the named one: by its export or by its own name', () => {
    const exports = workflowsIn({ first: one, second: two });
    expect(pickWorkflow(exports, { ...file, exportName: 'second' })).toBe(two);
    expect(pickWorkflow(exports, { ...file, exportName: 'two' })).toBe(two);
  });

  test('must be named where there are several', () => {
    expect(() => pickWorkflow(workflowsIn({ one, two }), file)).toThrow(
      'f.ts exports several workflows: one, two.',
    );
  });

  test('must exist in the file', () => {
    expect(() => pickWorkflow(workflowsIn({ one }), { ...file, exportName: 'three' })).toThrow(
      'f.ts exports no workflow "three", only one.',
    );
  });
});

describe('a file that cannot be loaded', () => {
  test('is missing, or a folder', async () => {
    await expect(loadWorkflows(join(folder, 'none.ts'))).rejects.toThrow('there is no such file');
    await expect(loadWorkflows(folder)).rejects.toThrow('it is a folder');
  });

  test('exports no workflow', async () => {
    const file = fileWith('empty.mjs', 'export const a = 1;');
    await expect(loadWorkflows(file)).rejects.toMatchObject({ code: 'FILE_WITHOUT_WORKFLOW' });
  });

  test('throws while it is loaded', async () => {
    const file = fileWith('throws.mjs', "throw new RangeError('out of range\\nsecond line');");
    await expect(loadWorkflows(file)).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      message: `${file} cannot be loaded: RangeError: out of range.`,
    });
  });

  test('says the code where the file used Pawl wrongly', () => {
    const thrown = (() => {
      try {
        return workflow({ name: 'a b' }, () => 1);
      } catch (error) {
        return error;
      }
    })();
    expect(problemOf(thrown)).toBe('WORKFLOW_NAME_INVALID: "a b" is not a workflow name.');
    expect(problemOf('a text')).toBe('it threw a text.');
  });
});
