/** All peers, in the order of the report. */
import type { Peer } from '../peer.ts';
import { bullmq } from './bullmq.ts';
import { dbos } from './dbos.ts';
import { graphileWorker } from './graphile-worker.ts';
import { langGraphPostgres, langGraphSqlite } from './langgraph.ts';
import { openWorkflowPostgres, openWorkflowSqlite } from './openworkflow.ts';
import { pawlPostgres, pawlSqlite } from './pawl.ts';
import { restate } from './restate.ts';

const peers: readonly Peer[] = [
  pawlSqlite,
  pawlPostgres,
  dbos,
  openWorkflowSqlite,
  openWorkflowPostgres,
  restate,
  langGraphSqlite,
  langGraphPostgres,
  bullmq,
  graphileWorker,
];

/** The peers whose id is or begins with one of these words. @throws when a word fits none */
export function choosePeers(words: readonly string[]): readonly Peer[] {
  const fits = (id: string, word: string): boolean => id === word || id.startsWith(`${word}-`);
  const stray = words.find((word) => !peers.some(({ id }) => fits(id, word)));
  if (stray !== undefined)
    throw new Error(`no peer ${stray}: there are ${peers.map(({ id }) => id).join(' ')}`);
  return words.length === 0 ? peers : peers.filter(({ id }) => words.some((word) => fits(id, word)));
}
