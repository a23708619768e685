/** DBOS, as its programming guide has it: workflows and steps are registered functions, everything else its default. */
import type { Peer } from '../peer.ts';
import { sumOf } from '../work.ts';

export const dbos: Peer = {
  id: 'dbos',
  title: 'DBOS',
  packages: ['@dbos-inc/dbos-sdk'],
  server: 'postgres',
  durability: 'fsync, synchronous_commit=on',
  guarantee: 'its output is on the disk before the next step begins; never run again afterwards',
  mapping:
    'a registered workflow, `DBOS.runStep`; fan-out by Promise.all; defaults (LISTEN/NOTIFY, pool of 10)',
  notes: { W4: 'runs of its own executor id are recovered at its launch, through a queue that is polled' },
  open: async ({ place, work }) => {
    const { DBOS } = await import('@dbos-inc/dbos-sdk');
    const sequence = DBOS.registerWorkflow(
      async (steps: number) => {
        for (let n = 0; n < steps; n++) await DBOS.runStep(() => work.step(n), { name: `s${n}` });
        return steps;
      },
      { name: 'sequence' },
    );
    const fan = DBOS.registerWorkflow(
      async (steps: number) => {
        const numbers = Array.from({ length: steps }, (_, n) => n);
        return sumOf(
          await Promise.all(numbers.map((n) => DBOS.runStep(() => work.step(n), { name: `s${n}` }))),
        );
      },
      { name: 'fan' },
    );
    DBOS.setConfig({
      name: 'bench',
      systemDatabaseUrl: place.url,
      applicationVersion: '1',
      logLevel: 'error',
    });
    await DBOS.launch();
    return {
      run: async ({ id, steps }) => {
        const handle = await DBOS.startWorkflow(sequence, { workflowID: id })(steps);
        await handle.getResult();
      },
      fanOut: async (steps) => {
        const handle = await DBOS.startWorkflow(fan)(steps);
        return await handle.getResult();
      },
      close: () => DBOS.shutdown(),
    };
  },
};
