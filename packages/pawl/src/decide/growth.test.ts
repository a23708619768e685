/** Promises of what costs what it changes: it is what the simple rules make of it, and what somebody keeps never changes. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Assignment,
  type GraphState,
  type GraphStep,
  type MergeRule,
  validateValue,
} from '../graph/index.ts';
import type { Command } from '../run/index.ts';
import type { Json } from '../std/index.ts';
import { losersOf } from './cancel.ts';
import { Memory, MERGES } from './memory.ts';
import { ReadyLine } from './ready.ts';

const rules: readonly MergeRule[] = ['append', 'merge', 'replace', 'sum'];
const FIRST: Readonly<Record<string, Json>> = { append: [], merge: {}, replace: null, sum: 0 };

const values = fc.oneof(
  fc.integer(),
  fc.array(fc.integer(), { maxLength: 3 }),
  fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.integer(), { maxKeys: 3 }),
);

const SCOPE = { input: null, state: {}, steps: {}, run: {} };

/** Values under some of the keys, saved at once. */
const saves = fc.array(fc.dictionary(fc.constantFrom(...rules, 'unknown'), values, { maxKeys: 3 }), {
  maxLength: 30,
});

function assignmentOf(value: { readonly [key: string]: Json }): Assignment {
  const evaluate = (): { ok: true; value: Json } => ({ ok: true, value: structuredClone(value) });
  return { type: 'whole', expression: { source: '', evaluate } };
}

/** By the rules alone, everything copied. */
function naive(state: Record<string, Json>, value: { readonly [key: string]: Json }): Record<string, Json> {
  const next = structuredClone(state);
  for (const [key, part] of Object.entries(value)) {
    const merged = key === 'unknown' ? undefined : MERGES[key as MergeRule](next[key] ?? null, part);
    if (merged === undefined) return state;
    next[key] = structuredClone(merged);
  }
  return next;
}

describe('the state of a run', () => {
  test('is what the rules make of it one by one; what is kept, and the first values, stay what they were', () => {
    fc.assert(
      fc.property(saves, fc.nat({ max: 5 }), (list, pace) => {
        const keys = new Map(
          rules.map((merge) => [merge, { merge, first: structuredClone(FIRST[merge]) as Json }]),
        );
        const memory = new Memory({ keys, startsFromInput: false } satisfies GraphState, null);
        let expected = structuredClone(FIRST) as Record<string, Json>;
        const kept: [Readonly<Record<string, Json>>, string][] = [];
        for (const [index, value] of list.entries()) {
          if (index % (pace + 1) === pace) kept.push([memory.keep(), JSON.stringify(memory.values)]);
          memory.save(assignmentOf(value), SCOPE);
          expected = naive(expected, value);
          expect(memory.values).toEqual(expected);
        }
        for (const [values, then] of kept) expect(JSON.stringify(values)).toBe(then);
        for (const { merge, first } of keys.values()) expect(first).toEqual(FIRST[merge]);
      }),
      { numRuns: 500 },
    );
  });

  test('is copied once for those that keep it, and not for those that have released it', () => {
    const memory = new Memory({ keys: undefined, startsFromInput: false }, null);
    const save = (n: number): void => void memory.save(assignmentOf({ n }), SCOPE);
    save(1);
    const [one, two] = [memory.keep(), memory.keep()];
    memory.release(one);
    save(2);
    memory.release(two);
    expect([two, memory.values]).toEqual([{ n: 1 }, { n: 2 }]);
    const three = memory.keep();
    memory.release(three);
    save(3);
    expect([memory.values === three, memory.values]).toEqual([true, { n: 3 }]);
  });

  test('takes lists of the input along without changing them', () => {
    const input = { list: [1] };
    const keys = new Map([['list', { merge: 'append' as const, first: [] }]]);
    const memory = new Memory({ keys, startsFromInput: true }, input);
    for (const n of [2, 3]) memory.save(assignmentOf({ list: n }), SCOPE);
    expect([memory.values, input]).toEqual([{ list: [1, 2, 3] }, { list: [1] }]);
  });
});

/** In order of readiness, looked through from the start each time. */
class SlowLine {
  ready: { path: string; holdsPlace: boolean }[] = [];
  readonly placed = new Set<string>();

  take(places: number, dispatch: number): string[] {
    const taken: string[] = [];
    for (const { path, holdsPlace } of this.ready) {
      if (taken.length === dispatch || (holdsPlace && this.placed.size >= places)) continue;
      if (holdsPlace) this.placed.add(path);
      taken.push(path);
    }
    this.ready = this.ready.filter(({ path }) => !taken.includes(path));
    return taken;
  }
}

describe('the line of ready steps', () => {
  const COMMAND: Command = { type: 'CancelCalls', paths: [], reason: '', after: 0 };
  const acts = fc.array(
    fc.record({
      act: fc.constantFrom('step', 'step', 'wait', 'take', 'take', 'free', 'remove', 'clear'),
      at: fc.nat(),
    }),
    { maxLength: 60 },
  );

  test('hands over what a slow one would, whatever comes and goes', () => {
    fc.assert(
      fc.property(
        acts,
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 3 }),
        (list, places, dispatch) => {
          const line = new ReadyLine({ maxConcurrentSteps: places, maxDispatch: dispatch, maxSteps: 99 });
          const slow = new SlowLine();
          for (const [index, { act, at }] of list.entries()) {
            const path = `p${act === 'free' || act === 'remove' ? at % (index + 1) : index}`;
            const holdsPlace = act === 'step';
            if (act === 'step' || act === 'wait') {
              line.add({ path, command: COMMAND, holdsPlace });
              slow.ready.push({ path, holdsPlace });
            } else if (act === 'take') {
              expect(line.take().map((ready) => ready.path)).toEqual(slow.take(places, dispatch));
            } else if (act === 'clear') {
              expect(line.clear()).toEqual(slow.ready.map((ready) => ready.path));
              slow.ready = [];
            } else {
              slow.placed.delete(path);
              if (act === 'free') line.free(path);
              else expect(line.remove(path)).toBe(slow.ready.some((ready) => ready.path === path));
              if (act === 'remove') slow.ready = slow.ready.filter((ready) => ready.path !== path);
            }
            expect(line.isEmpty).toBe(slow.ready.length === 0);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('is not looked through while all places are taken', () => {
    const line = new ReadyLine({ maxConcurrentSteps: 1, maxDispatch: 8, maxSteps: 99 });
    let looks = 0;
    for (let n = 0; n < 1_000; n++)
      line.add({
        path: `p${n}`,
        command: COMMAND,
        get holdsPlace() {
          looks++;
          return true;
        },
      });
    line.take();
    looks = 0;
    expect([line.take(), looks]).toEqual([[], 0]);
  });
});

describe('the losers of a join', () => {
  test('are found without a look at what is far in front of others', () => {
    const length = 1_000;
    const names = Array.from({ length }, (_, n) => `s${n}`);
    const { graph } = validateValue({
      pawl: 1,
      workflow: 'w',
      version: '1',
      steps: {
        ...Object.fromEntries([...names, 'a', 'b', 'c'].map((name) => [name, { kind: 'join' }])),
        j: { kind: 'join', join: { count: 1, losers: 'cancel' } },
      },
      edges: [
        ...names.slice(1).map((name, n) => `s${n} -> ${name}`),
        ...['b', 'c'].map((name) => `s${length - 1} -> ${name}`),
        ...['a', 'b'].map((name) => `${name} -> j`),
      ],
    });
    const looked: string[] = [];
    const losers = losersOf(graph?.steps.at(-1) as GraphStep, {
      has: ({ name }) => looked.push(name) > 0 && name !== 'a',
      edgesOn: ({ outgoing }) => outgoing.length,
    });
    expect([[...losers].map(({ name }) => name), looked]).toEqual([['b'], ['a', 'b', 's999']]);
  });
});
