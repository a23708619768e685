/** Promises of every built-in kind: it keeps the contract of kinds. */
import { describe, expect, test } from 'vitest';
import { parseDuration } from '../std/index.ts';
import {
  conditionKind,
  functionKind,
  functionRegistry,
  httpKind,
  joinKind,
  parallelKind,
  reduceKind,
  shellKind,
  verifyKind,
} from './index.ts';

describe.each([shellKind, httpKind, verifyKind])('the kind $name', (kind) => {
  test('has a timeout and a record of its own', () => {
    expect(parseDuration(kind.timeout ?? '', 'timeout')).toBeGreaterThan(0);
    expect(kind).toHaveProperty('record', expect.any(Function));
  });
});

describe.each([
  [shellKind, ['ok']],
  [httpKind, ['ok']],
  [functionKind(functionRegistry({})), ['ok']],
  [parallelKind, ['ok']],
  [joinKind, ['ok']],
  [reduceKind, ['ok']],
  [verifyKind, ['passed']],
  [conditionKind, 'any'],
] as const)('the kind $name', (kind, labels) => {
  test('names the labels that it can end with', () => {
    expect(kind.labels).toEqual(labels);
  });

  test('describes its input as JSON Schema', () => {
    const standard = kind.schema?.['~standard'] as unknown as {
      jsonSchema: { input: (options: { target: string }) => object };
    };
    const schema = standard.jsonSchema.input({ target: 'draft-2020-12' });
    expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
  });
});
