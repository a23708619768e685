/** An idle engine asks its store next to nothing, and the same however much rests in it. */
import { StatementSync } from 'node:sqlite';
import { workflow } from 'pawl';
import { Client } from 'pg';
import { expect, test, vi } from 'vitest';
import { newDatabase, openEngine } from './support/opened-engine.ts';
import { storeKind } from './support/store-under-test.ts';

const MINUTE_MS = 60_000;
const MINUTES = 10;
const BEATS_A_MINUTE = 6;

const resting = workflow({ name: 'resting' }, (ctx, _input: unknown) => ctx.signal('never'));

/** The statements that the store runs while something is done. */
async function statementsIn(act: () => Promise<void>): Promise<readonly string[]> {
  return storeKind === 'sqlite' ? await statementsOnFile(act) : await statementsOnServer(act);
}

async function statementsOnServer(act: () => Promise<void>): Promise<readonly string[]> {
  const spy = vi.spyOn(Client.prototype, 'query');
  try {
    await act();
    return spy.mock.calls.map(([asked]) => {
      const statement = asked as string | { readonly text: string };
      return typeof statement === 'string' ? statement : statement.text;
    });
  } finally {
    spy.mockRestore();
  }
}

async function statementsOnFile(act: () => Promise<void>): Promise<readonly string[]> {
  const spies = (['run', 'get', 'all'] as const).map((name) => vi.spyOn(StatementSync.prototype, name));
  try {
    await act();
    return spies.flatMap((spy) => spy.mock.contexts.map((one) => (one as StatementSync).sourceSQL));
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

async function idleWith(runs: number): Promise<readonly string[]> {
  const { engine, platform } = await openEngine([resting], { store: newDatabase() });
  for (let index = 0; index < runs; index += 1) await engine.start(resting, null);
  await platform.advance(MINUTE_MS);
  return await statementsIn(() => platform.advance(MINUTES * MINUTE_MS));
}

test.each([0, 300])(
  'P11: with %i resting runs it writes one row a heartbeat, and runs less than one statement a second',
  async (runs) => {
    const statements = await idleWith(runs);
    const writes = statements.filter((sql) => /^\s*(?:insert|update|delete|notify|select pawl\.)/.test(sql));
    expect(new Set(writes.map((sql) => sql.split(' ').slice(0, 2).join(' ')))).toEqual(
      new Set([storeKind === 'sqlite' ? 'update workers' : 'update pawl.workers']),
    );
    expect(writes).toHaveLength(MINUTES * BEATS_A_MINUTE);
    expect(statements.length / (MINUTES * 60)).toBeLessThan(1);
  },
);
