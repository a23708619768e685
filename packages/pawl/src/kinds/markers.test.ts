/** Promises of the kinds that only steer: a condition ends with its branch, markers do nothing. */
import { describe, expect, test } from 'vitest';
import { checkSchema } from '../std/index.ts';
import { conditionKind, joinKind, parallelKind } from './index.ts';

const context = {} as never;

describe('a condition', () => {
  test('ends with the label of its branch, and without an output', async () => {
    expect(await conditionKind.execute({ branch: 'large' } as never, context)).toEqual({ outcome: 'large' });
  });

  test.each([[{}], [{ branch: '' }], [{ branch: 'a', branches: [] }]])('takes no %j', (input) => {
    expect(checkSchema(conditionKind.schema as never, input, 'condition').ok).toBe(false);
  });
});

describe.each([parallelKind, joinKind])('a marker $name', (kind) => {
  test('ends well and gives nothing', async () => {
    expect(await kind.execute({} as never, context)).toEqual({});
    expect(checkSchema(kind.schema as never, {}, kind.name).ok).toBe(true);
  });

  test('takes no field', () => {
    expect(checkSchema(kind.schema as never, { items: [] }, kind.name).ok).toBe(false);
  });
});
