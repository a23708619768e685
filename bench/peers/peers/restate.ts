/** Restate: its server beside us, and the steps in this process, which the server calls over HTTP/2. */
import { createServer, type Http2Server } from 'node:http2';
import { once } from 'node:events';
import type { Context } from '@restatedev/restate-sdk';
import type { Peer } from '../peer.ts';
import { sumOf, type Work } from '../work.ts';

interface Input {
  readonly steps: number;
}

/** What runs in this process; Restate's handlers are the workflows. */
function handlersOf(work: Work) {
  return {
    sequence: async (ctx: Context, { steps }: Input): Promise<number> => {
      for (let n = 0; n < steps; n++) await ctx.run(`s${n}`, () => work.step(n));
      return steps;
    },
    fan: async (ctx: Context, { steps }: Input): Promise<number> => {
      const { RestatePromise } = await import('@restatedev/restate-sdk');
      const numbers = Array.from({ length: steps }, (_, n) => n);
      return sumOf(await RestatePromise.all(numbers.map((n) => ctx.run(`s${n}`, () => work.step(n)))));
    },
  };
}

async function makeKnown(adminUrl: string, port: number): Promise<void> {
  const answer = await fetch(new URL('/deployments', adminUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ uri: `http://127.0.0.1:${port}`, force: true }),
  });
  if (!answer.ok) throw new Error(`Restate refused the deployment: ${answer.status} ${await answer.text()}`);
}

async function closeServer(server: Http2Server): Promise<void> {
  server.close();
  await Promise.race([once(server, 'close'), new Promise((resolve) => void setTimeout(resolve, 200))]);
}

export const restate: Peer = {
  id: 'restate',
  title: 'Restate',
  packages: ['@restatedev/restate-server', '@restatedev/restate-sdk'],
  server: 'restate',
  durability: 'default configuration, one node: the log’s RocksDB syncs its WAL at every batch',
  guarantee: 'its output is in the server’s log before the next step begins; never run again afterwards',
  mapping:
    'a service handler called through the ingress, `ctx.run`; fan-out by RestatePromise.all; server and process of its own',
  notes: {
    W4: 'the server lives on and calls the new process at its next try; its delays grow from 0.5 s',
    W5: 'growth of the server’s folder: the log and the state made from it, before any compaction',
  },
  open: async ({ place, work }) => {
    const { createEndpointHandler, service } = await import('@restatedev/restate-sdk');
    const { connect } = await import('@restatedev/restate-sdk-clients');
    const bench = service({ name: 'bench', handlers: handlersOf(work) });
    const server = createServer(createEndpointHandler({ services: [bench], logger: () => undefined }));
    server.listen(place.port, '127.0.0.1');
    await once(server, 'listening');
    await makeKnown(place.adminUrl, place.port);
    const client = connect({ url: place.url }).serviceClient<typeof bench>({ name: 'bench' });
    return {
      run: async ({ steps }) => {
        await client.sequence({ steps });
      },
      fanOut: async (steps) => await client.fan({ steps }),
      close: () => closeServer(server),
    };
  },
};
