/** Pawl itself, on both of its stores. */
import { join } from 'node:path';
import type { Peer, Session, SessionOptions } from '../peer.ts';
import { sumOf } from '../work.ts';

const shared = {
  packages: ['pawl'],
  guarantee: 'its output is on the disk before the next step begins; never run again afterwards',
  mapping: 'a workflow function, `ctx.step`; fan-out by Promise.all; defaults throughout',
} as const;

async function open(store: string, { work }: SessionOptions): Promise<Session> {
  const { pawl, workflow } = await import('../../../packages/pawl/src/index.ts');
  const sequence = workflow({ name: 'sequence' }, async (ctx, input: { steps: number }) => {
    for (let n = 0; n < input.steps; n++) await ctx.step(`s${n}`, () => work.step(n));
    return input.steps;
  });
  const fan = workflow({ name: 'fan' }, async (ctx, input: { steps: number }) => {
    const numbers = Array.from({ length: input.steps }, (_, n) => n);
    return sumOf(await Promise.all(numbers.map((n) => ctx.step(`s${n}`, () => work.step(n)))));
  });
  const engine = await pawl.open({ store, workflows: [sequence, fan] });
  return {
    run: async ({ id, steps }) => {
      const run = await engine.start(sequence, { steps }, { id });
      await run.result();
    },
    fanOut: async (steps) => {
      const run = await engine.start(fan, { steps });
      return await run.result();
    },
    close: () => engine.close(),
  };
}

export const pawlSqlite: Peer = {
  ...shared,
  id: 'pawl-sqlite',
  title: 'Pawl, SQLite',
  server: 'file',
  durability: 'WAL, synchronous=FULL (its default)',
  open: (options) => open(`sqlite:${join(options.place.folder, 'data.db')}`, options),
};

export const pawlPostgres: Peer = {
  ...shared,
  id: 'pawl-postgres',
  title: 'Pawl, PostgreSQL',
  server: 'postgres',
  durability: 'fsync, synchronous_commit=on',
  open: (options) => open(options.place.url, options),
};
