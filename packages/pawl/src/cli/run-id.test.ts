/** Promises of how a run is found by what a person types. */
import { describe, expect, test } from 'vitest';
import type { Engine } from '../engine/index.ts';
import { pawlError } from '../errors/index.ts';
import { resolveRunId } from './run-id.ts';

const FULL = '0199f0a0-0000-7000-8000-000000000001';

/** An engine that knows these runs, newest first, and counts the pages that are asked for. */
function engineWith(...runIds: readonly string[]): {
  readonly engine: Pick<Engine, 'runs'>;
  readonly pages: string[];
} {
  const pages: string[] = [];
  const runs = {
    get: (runId: string) =>
      runIds.includes(runId)
        ? Promise.resolve({ runId })
        : Promise.reject(pawlError('RUN_NOT_FOUND', { runId })),
    list: ({ before, limit = 50 }: { readonly before?: string; readonly limit?: number }) => {
      pages.push(before ?? 'first');
      const from = before === undefined ? 0 : runIds.indexOf(before) + 1;
      return Promise.resolve(runIds.slice(from, from + limit).map((runId) => ({ runId })));
    },
  };
  return { engine: { runs } as unknown as Pick<Engine, 'runs'>, pages };
}

describe('a run', () => {
  test('is taken by its full id without a search', async () => {
    const { engine, pages } = engineWith();
    expect(await resolveRunId(engine, FULL)).toBe(FULL);
    expect(pages).toEqual([]);
  });

  test('is taken by an id of its own, however short, also where others begin with it', async () => {
    expect(await resolveRunId(engineWith('a', 'ab').engine, 'a')).toBe('a');
    expect(await resolveRunId(engineWith('nightly', 'nightly-2').engine, 'nightly')).toBe('nightly');
  });

  test('is found by a beginning that only it has', async () => {
    expect(await resolveRunId(engineWith('0199aa-x', FULL).engine, '0199f0')).toBe(FULL);
  });

  test('is found on a later page', async () => {
    const many = Array.from({ length: 1_500 }, (_one, index) => `run-${index}`);
    const { engine, pages } = engineWith(...many, FULL);
    expect(await resolveRunId(engine, '0199f0')).toBe(FULL);
    expect(pages).toEqual(['first', 'run-999']);
  });

  test('is refused where several begin so, and five of them are named', async () => {
    const { engine } = engineWith(...Array.from({ length: 7 }, (_one, index) => `nightly-${index}`));
    await expect(resolveRunId(engine, 'nightly')).rejects.toThrow(
      'Several runs begin with "nightly": nightly-0, nightly-1, nightly-2, nightly-3, nightly-4, and 2 more.',
    );
  });

  test('is refused where none begins so', async () => {
    await expect(resolveRunId(engineWith('other').engine, 'nightly')).rejects.toMatchObject({
      code: 'RUN_NOT_FOUND',
    });
  });

  test('is refused by less than six characters', async () => {
    await expect(resolveRunId(engineWith('nightly').engine, 'night')).rejects.toThrow(
      'needs at least 6 characters',
    );
  });

  test('is not guessed where the store fails', async () => {
    const { engine } = engineWith();
    engine.runs.get = () => Promise.reject(pawlError('STORE_UNAVAILABLE', { problem: 'gone' }));
    await expect(resolveRunId(engine, 'nightly')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });
});
