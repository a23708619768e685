/** Where examples keep their runs: in a file, or in PostgreSQL where `PAWL_TEST_STORE` says so; nothing else about them changes. */
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { dropDatabase, newDatabase } from '../postgres/databases.ts';
import { hasPostgres } from '../postgres/server.ts';
import { temporaryFolder } from './command.ts';

/** The environment of the commands of a file of tests: a store of their own, in which nothing stands at first. */
export function storeOfExamples(): () => Readonly<Record<string, string>> {
  if (process.env['PAWL_TEST_STORE'] !== 'postgres') {
    const url = `sqlite:${join(temporaryFolder(), 'pawl.db')}`;
    return () => ({ PAWL_STORE: url });
  }
  if (!hasPostgres()) throw new Error('there is no PostgreSQL for this machine');
  let url = '';
  beforeAll(async () => {
    url = await newDatabase('nothing');
  });
  afterAll(() => dropDatabase(url));
  return () => ({ PAWL_STORE: url });
}
