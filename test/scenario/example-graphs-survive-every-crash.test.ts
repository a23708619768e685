/** The example graphs are killed at every boundary, as users judge their own, with what their functions did to the world. */
import { readFileSync } from 'node:fs';
import { type FunctionTools, type GraphWorkflow, type Json, type NamedFunction, parseGraph } from 'pawl';
import { type EffectLog, effectLog, expectCrashSafe } from 'pawl/testing';
import { describe, expect, test } from 'vitest';
import * as newsletterCode from '../../examples/graphs/newsletter.ts';
import * as orderCode from '../../examples/graphs/order.ts';
import * as pricesCode from '../../examples/graphs/prices.ts';
import * as reviewCode from '../../examples/graphs/review.ts';

function graphOf(file: string): GraphWorkflow {
  return parseGraph(readFileSync(new URL(`../../examples/graphs/${file}`, import.meta.url), 'utf8'));
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
    const { boundaries } = await expectCrashSafe(graphOf('review.yaml'), {
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
    await expectCrashSafe(graphOf('review.yaml'), {
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
  await expectCrashSafe(graphOf('order.yaml'), {
    input: { item: 'lamp', card, city },
    effects,
    functions: told(orderCode, effects),
  });
  expect(stepsWith(effects)).toEqual(expected);
});

test('prices, whenever it is killed, takes two offers and asks nobody who sleeps', async () => {
  const effects = effectLog();
  await expectCrashSafe(graphOf('prices.yaml'), {
    input: { item: 'lamp' },
    effects,
    functions: told(pricesCode, effects),
  });
  expect(stepsWith(effects).toSorted()).toEqual(['choose', 'north', 'south']);
});

test('newsletter, whenever it is killed, has its headlines in order', async () => {
  const { headlines, headline } = newsletterCode;
  const { boundaries } = await expectCrashSafe(graphOf('newsletter.yaml'), {
    input: {},
    workflows: [headlines, headline],
  });
  expect(boundaries).toBeGreaterThan(12);
});
