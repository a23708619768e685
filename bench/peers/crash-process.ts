/** The process of W4: drives one run and hangs in a step until it is killed, or takes the run up and tells where it began. */
import type { Place } from './peer.ts';
import { choosePeers } from './peers/list.ts';
import { createWork } from './work.ts';

export interface CrashOrder {
  readonly peer: string;
  readonly place: Place;
  readonly role: 'first' | 'second';
}

/** What it tells its parent; times are on the wall clock, in ms, with fractions. */
export interface CrashNews {
  readonly readyAt: number;
  readonly stepAt: number;
  readonly step: number;
}

const RUN = { id: 'crash', steps: 200 };
const HANGS_AT = 100;

const { peer: id, place, role } = JSON.parse(process.argv[2] ?? '{}') as CrashOrder;
const [peer] = choosePeers([id]);
if (peer === undefined) throw new Error(`no peer ${id}`);
process.on('disconnect', () => process.exit());

function now(): number {
  return performance.timeOrigin + performance.now();
}

const { promise: ready, resolve: isReady } = Promise.withResolvers<number>();

/** The first process never leaves its step; the second one has what it came for at the first step that it sees. */
async function onStep(step: number): Promise<void> {
  if (role === 'first' && step < HANGS_AT) return;
  const stepAt = now();
  const news: CrashNews = { readyAt: await ready, stepAt, step };
  process.send?.(news);
  await new Promise<never>(() => undefined);
}

const session = await peer.open({ place, work: createWork(onStep), concurrency: 1 });
isReady(now());
if (role === 'first') await session.run(RUN);
else await session.takeUp?.(RUN);
