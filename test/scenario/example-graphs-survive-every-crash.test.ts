/** The example graphs are killed at every boundary, as users judge their own, with what their functions did to the world. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FunctionTools, type GraphWorkflow, type Json, type NamedFunction, parseGraph } from 'pawl';
import { type EffectLog, effectLog, expectCrashSafe } from 'pawl/testing';
import { describe, expect, test } from 'vitest';
import * as triageCode from '../../examples/from-jamjet/triage.ts';
import * as newsletterCode from '../../examples/graphs/newsletter.ts';
import * as orderCode from '../../examples/graphs/order.ts';
import * as pricesCode from '../../examples/graphs/prices.ts';
import * as reviewCode from '../../examples/graphs/review.ts';
import * as releaseCode from '../../examples/release-check-graph/steps.ts';

function graphOf(file: string): GraphWorkflow {
  return parseGraph(readFileSync(new URL(`../../examples/${file}`, import.meta.url), 'utf8'));
}

type Code = Readonly<Record<string, NamedFunction>>;

/** The functions of an example; each call is an effect that carries the step's key and what it gave. */
function told(code: Code, effects: EffectLog): Code {
  const tell =
    (fn: NamedFunction) =>
    (input: never, tools: FunctionTools): unknown => {
      const output = fn(input, tools) as Json;
      effects.happen(tools.idempotencyKey, output);
      return output;
    };
  return Object.fromEntries(Object.entries(code).map(([name, fn]) => [name, tell(fn)]));
}

/** The steps that had an effect, in order. */
function stepsWith(effects: EffectLog): string[] {
  return effects.all.map(({ key }) => key.split(':').slice(1).join(':'));
}

describe('review, whenever it is killed', () => {
  test('asks ana, and again once she has rejected it', async () => {
    const effects = effectLog();
    const { boundaries } = await expectCrashSafe(graphOf('graphs/review.yaml'), {
      input: { text: 'todo: say what   changed ' },
      effects,
      functions: told(reviewCode, effects),
      act: async (ana, run) => {
        const gate = run.steps.find(({ kind, status }) => kind === 'approval' && status === 'waiting');
        if (gate?.path === 'release') await ana.reject('release', { by: 'ana', comment: 'Say who' });
        else if (gate) await ana.approve(gate.path, { by: 'ana' });
      },
    });
    expect(boundaries).toBeGreaterThan(12);
    expect(effects.all.at(-1)).toMatchObject({ step: 'crash-safe:publish' });
  });

  test('is withdrawn where nobody decides within three days', async () => {
    const effects = effectLog();
    await expectCrashSafe(graphOf('graphs/review.yaml'), {
      input: { text: 'Fine' },
      effects,
      functions: told(reviewCode, effects),
    });
    expect(stepsWith(effects)).toEqual(['check']);
  });
});

test.each([
  ['books and tells', '4242', 'Turin', ['reserve', 'charge', 'ship', 'tell']],
  ['gives back what was booked', '4242', 'Atlantis', ['reserve', 'charge', 'refund', 'restock', 'tell']],
  ['refunds nothing that was not paid', '1000', 'Turin', ['reserve', 'refund', 'restock', 'tell']],
])('order, whenever it is killed, %s', async (_what, card, city, expected) => {
  const effects = effectLog();
  await expectCrashSafe(graphOf('graphs/order.yaml'), {
    input: { item: 'lamp', card, city },
    effects,
    functions: told(orderCode, effects),
  });
  expect(stepsWith(effects)).toEqual(expected);
});

test('prices, whenever it is killed, takes two offers and asks nobody who sleeps', async () => {
  const effects = effectLog();
  await expectCrashSafe(graphOf('graphs/prices.yaml'), {
    input: { item: 'lamp' },
    effects,
    functions: told(pricesCode, effects),
  });
  expect(stepsWith(effects).toSorted()).toEqual(['choose', 'north', 'south']);
});

test('words counts every file once it is put together, whenever it is killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-words-'));
  for (const [name, text] of Object.entries({ 'a.md': 'one', 'b c.md': 'one two', 'c.md': 'one two three' }))
    writeFileSync(join(folder, name), text);
  for (const args of [
    ['init', '--quiet'],
    ['add', '.'],
  ])
    expect(spawnSync('git', args, { cwd: folder }).status).toBe(0);
  try {
    const graph = graphOf('graphs/words.yaml');
    const { boundaries } = await expectCrashSafe(graph, { input: { folder, long: 1 } });
    expect(boundaries).toBeGreaterThan(8);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 180_000);

test('newsletter, whenever it is killed, has its headlines in order', async () => {
  const { headlines, headline } = newsletterCode;
  const { boundaries } = await expectCrashSafe(graphOf('graphs/newsletter.yaml'), {
    input: {},
    workflows: [headlines, headline],
  });
  expect(boundaries).toBeGreaterThan(12);
});

test.each([
  ['is answered', 'how do I pay?', ['classify', 'answer']],
  ['wakes somebody up', 'the shop is down', ['classify', 'page']],
  ['is answered where nobody decides within the hour', 'the shop is down', ['classify', 'answer']],
])('a ticket of the imported graph %s, whenever it is killed', async (what, subject, expected) => {
  const effects = effectLog();
  await expectCrashSafe(graphOf('from-jamjet/triage.yaml'), {
    input: { ticket: { subject } },
    effects,
    functions: told(triageCode, effects),
    act: async (ana, run) => {
      const isAsked = run.steps.some(({ path, status }) => path === 'approve' && status === 'waiting');
      if (isAsked && what.startsWith('wakes')) await ana.approve('approve', { by: 'ana' });
    },
  });
  expect(stepsWith(effects)).toEqual(expected);
});

test('release-check tells its service each thing with one key, whenever it is killed', async () => {
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
    await expectCrashSafe(graphOf('release-check-graph/release-check.yaml'), {
      input: {
        folder,
        report: join(folder, 'report.md'),
        service: `http://127.0.0.1:${port}`,
        effects: join(folder, 'effects'),
      },
      functions: { ...releaseCode },
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
}, 180_000);
