/** All examples are killed at every boundary, by the tool that users test their own workflows with. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectCrashSafe } from 'pawl/testing';
import { expect, test } from 'vitest';
import approval from '../../examples/approval.ts';
import publish, { translate } from '../../examples/child.ts';
import hello from '../../examples/hello.ts';
import parallelMap from '../../examples/parallel-map.ts';
import { releaseCheck } from '../../examples/release-check/workflow.ts';
import retries from '../../examples/retries.ts';

test('hello greets, whenever it is killed', async () => {
  const { boundaries, worlds } = await expectCrashSafe(hello, { input: { who: 'Ana' } });
  expect(worlds).toBe(2 * boundaries);
  expect(boundaries).toBeGreaterThan(8);
});

test('approval, where ana approves', async () => {
  const report = await expectCrashSafe(approval, {
    input: { version: '2.0.0' },
    act: async (ana, run) => {
      const gate = run.steps.find(({ kind, status }) => kind === 'approval' && status === 'waiting');
      if (gate) await ana.approve(gate.path, { by: 'ana' });
    },
  });
  expect(report.boundaries).toBeGreaterThan(8);
});

test('approval, where nobody decides and the deadline passes', async () => {
  await expectCrashSafe(approval, { input: {} });
});

test('child publishes in each language, whenever it is killed', async () => {
  await expectCrashSafe(publish, { input: {}, workflows: [translate] });
});

test('parallel-map measures every page, whenever it is killed', async () => {
  await expectCrashSafe(parallelMap, { input: {} });
});

test('retries tries as often as it says, whenever it is killed', async () => {
  await expectCrashSafe(retries, { input: { succeedsAt: 3 } });
});

test('release-check runs its commands and tells its service, whenever it is killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-release-'));
  writeFileSync(join(folder, 'package.json'), '{ "name": "shop", "version": "1.0.0" }');
  const keys = new Map<string, Set<string>>();
  const service = createServer((request, response) => {
    const key = String(request.headers['idempotency-key']);
    keys.set(request.url ?? '', (keys.get(request.url ?? '') ?? new Set()).add(key));
    request.resume().on('end', () => response.end('{}'));
  });
  await once(service.listen(0, '127.0.0.1'), 'listening');
  const { port } = service.address() as AddressInfo;
  try {
    await expectCrashSafe(releaseCheck(), {
      input: {
        folder,
        report: join(folder, 'report.md'),
        service: `http://127.0.0.1:${port}`,
        effects: join(folder, 'effects'),
      },
      act: async (actor, run) => {
        const isAsked = run.steps.some(({ path, status }) => path === 'release' && status === 'waiting');
        if (isAsked) await actor.approve('release', { by: 'ana' });
      },
    });
  } finally {
    service.closeAllConnections();
    service.close();
    rmSync(folder, { recursive: true });
  }
  expect([...keys].map(([path, seen]) => [path, seen.size])).toEqual([
    ['/versions', 1],
    ['/announcements', 1],
  ]);
});
