/** Promises of the error catalogue: a code makes an error of its family whose texts are filled and whose cause is kept. */
import { describe, expect, test } from 'vitest';
import { catalogue, type ErrorCode } from './catalogue.ts';
import {
  Defect,
  isPawlError,
  messageOf,
  OperationalError,
  PawlError,
  pawlError,
  UsageError,
} from './pawl-error.ts';

const codes = Object.keys(catalogue) as ErrorCode[];

describe('an error', () => {
  test.each([
    ['usage', 'RUN_NOT_FOUND', UsageError],
    ['operational', 'STORE_LOCKED', OperationalError],
    ['defect', 'INVARIANT', Defect],
    ['failure', 'STEP_THREW', UsageError],
  ] as const)('of the family %s is of its class', (family, code, errorClass) => {
    const error = pawlError(code);
    expect(error).toBeInstanceOf(errorClass);
    expect(error).toBeInstanceOf(PawlError);
    expect(error).toMatchObject({ code, family, name: errorClass.name });
  });

  test('names the thing in its message and in what to do', () => {
    const error = pawlError('RUN_NOT_PARKED', { runId: 'r1', status: 'running', verb: 'retry' });
    expect(error.message).toBe('Run r1 is running, not parked: retry has nothing to do.');
    expect(error.todo).toBe('See `pawl why r1`.');
    expect(error.params).toEqual({ runId: 'r1', status: 'running', verb: 'retry' });
  });

  test('shows the placeholder where nothing was given for it', () => {
    expect(pawlError('RUN_NOT_FOUND').message).toBe('There is no run {runId}.');
  });

  test('fills numbers, zero and the empty text too', () => {
    expect(messageOf('STORE_TOO_NEW', { file: '', found: 0, known: 2 })).toBe(
      ' was written by a newer Pawl (schema 0, this one knows 2).',
    );
  });

  test('does not read a placeholder out of what it is filled with', () => {
    expect(messageOf('RUN_FAILED', { runId: '{status}', status: 'failed', problem: '$& $1 {runId}' })).toBe(
      'Run {status} failed: $& $1 {runId}',
    );
  });

  test('keeps its cause', () => {
    const cause = new Error('disk full');
    expect(pawlError('STORE_UNAVAILABLE', { problem: 'x' }, { cause }).cause).toBe(cause);
  });

  test('is told from the errors of others', () => {
    expect(isPawlError(pawlError('ENGINE_CLOSED'))).toBe(true);
    expect(isPawlError(Object.assign(new Error('x'), { code: 'ENGINE_CLOSED' }))).toBe(false);
    expect(isPawlError(undefined)).toBe(false);
  });
});

describe('every code', () => {
  test.each(codes)('%s makes an error that says what to do next', (code) => {
    const error = pawlError(code);
    expect(error.code).toBe(code);
    expect(error.todo).toMatch(/\.$/);
    expect(error.message).toBe(messageOf(code));
  });
});
