/** Promises of graphs, on random ones: the driver and a second, slow interpreter agree after every event. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Graph } from '../../packages/pawl/src/graph/index.ts';
import type { Delivery } from '../../packages/pawl/src/run/index.ts';
import { DrivenGraph, nameOf, type Outcomes, partsOf } from './support/driven-graph.ts';
import { outcomes, orders, randomGraphs } from './support/random-graph.ts';
import { Reference } from './support/reference-graph.ts';

/** Graphs of each property. */
const RUNS = 600;

function endOf(run: DrivenGraph): string {
  if (run.end?.type === 'Complete') return 'completed';
  return run.end?.type === 'Fail' ? run.end.failure.code : (run.driver.parked?.reason ?? 'open');
}

/** What a run asked for in vain, because it was asked early, is cancelled and has changed nothing. */
function happened(run: DrivenGraph): readonly Delivery[] {
  return run.log.filter(({ outcome }) => outcome !== 'cancelled');
}

describe('a random graph', () => {
  test('runs, skips, cancels and ends as the rules say, after every event', () => {
    const seen = { ends: new Set<string>(), maps: new Set<string>(), loops: 0, nested: 0, cancels: 0 };
    fc.assert(
      fc.property(randomGraphs({}), outcomes, orders, ({ graph, reference: source }, outcomeOf, orderOf) => {
        const reference = new Reference(source);
        const run = new DrivenGraph(graph, outcomeOf);
        let saved = 0;
        run.driver.catchUp();
        run.take();
        for (let time = 0; reference.end === undefined; time++) {
          const open = [...run.open].sort();
          expect(open.map(nameOf).sort()).toEqual(reference.open);
          const path = open[orderOf(open.length, time)] as string;
          const { step, item } = partsOf(path);
          const given = reference.given.get(step);
          reference.given.delete(step);
          const own = run.finish(path);
          if (given !== undefined) expect(own).toBe(given);
          const label = item === undefined ? own : reference.endItem(step, item, own);
          if (item !== undefined && label !== undefined) seen.maps.add(label);
          if (label !== undefined && label !== 'failed') saved++;
          if (label !== undefined)
            reference.finish(step, label, (when) => saved >= Number(when.split(' ').at(-1)));
          run.take();
        }
        seen.ends.add(reference.end);
        seen.loops += [...reference.known.values()].some(({ visits }) => visits > 1) ? 1 : 0;
        seen.nested += graph.loops.some(({ inner }) => inner.length > 0) ? 1 : 0;
        seen.cancels += run.log.some(({ outcome }) => outcome === 'cancelled') ? 1 : 0;
        expect(endOf(run)).toBe(reference.end);
        expect(reference.end).not.toBe('deadlocked');
        if (run.end?.type === 'Complete') expect(run.end.output).toBe(JSON.stringify({ n: saved }));
        expect(run.driver.openCount).toBe(0);
      }),
      { numRuns: RUNS },
    );
    expect([...seen.ends].sort()).toEqual(['NOTHING_REACHED', 'NO_BRANCH', 'OUTCOME_UNHANDLED', 'completed']);
    expect([...seen.maps].sort()).toEqual(['failed', 'ok', 'partial']);
    expect({
      loops: seen.loops > RUNS / 10,
      nested: seen.nested > RUNS / 50,
      cancels: seen.cancels > RUNS / 50,
    }).toEqual({
      loops: true,
      nested: true,
      cancels: true,
    });
  });

  /** Drives a run to its end; every `pace` deliveries it is asked what comes next. */
  function drive(run: DrivenGraph, orderOf: (count: number, time: number) => number, pace = 1): DrivenGraph {
    for (let time = 0; time < 100_000 && run.end === undefined; time++) {
      if (time % pace === 0 || run.open.size === 0) run.take();
      const open = [...run.open].sort();
      if (open.length > 0) run.finish(open[orderOf(open.length, time)] as string);
    }
    return run;
  }

  function begun(graph: Graph, outcomeOf: Outcomes): DrivenGraph {
    const run = new DrivenGraph(graph, outcomeOf);
    run.driver.catchUp();
    return run;
  }

  /** What a run did, whenever it did it; where it failed, what else was done by then is chance. */
  function deedsOf(run: DrivenGraph): unknown {
    const end = endOf(run);
    if (end === 'OUTCOME_UNHANDLED' || end === 'NO_BRANCH') return 'failed';
    const steps = run.log.filter(({ path }) => !path.includes('/')); // which items a failed map had run is chance too
    return [end, steps.map(({ path, outcome }) => `${path} ${outcome}`).sort()];
  }

  test('does the same whatever comes first, where its joins are `all`', () => {
    fc.assert(
      fc.property(
        randomGraphs({ isTimeless: true }),
        outcomes,
        orders,
        orders,
        ({ graph }, outcomeOf, one, other) => {
          const expected = deedsOf(drive(begun(graph, outcomeOf), one));
          expect(deedsOf(drive(begun(graph, outcomeOf), other))).toEqual(expected);
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('does the same with few places, where its joins are `all`', () => {
    fc.assert(
      fc.property(randomGraphs({ isTimeless: true }), outcomes, orders, ({ graph }, outcomeOf, orderOf) => {
        const limits = { maxConcurrentSteps: 2, maxDispatch: 1, maxSteps: graph.limits.maxSteps };
        const run = begun({ ...graph, limits }, outcomeOf);
        let most = 0;
        const counted = (count: number, time: number): number => {
          most = Math.max(most, count);
          return orderOf(count, time);
        };
        expect(deedsOf(drive(run, counted))).toEqual(deedsOf(drive(begun(graph, outcomeOf), orderOf)));
        expect(most).toBeLessThanOrEqual(2);
      }),
      { numRuns: RUNS },
    );
  });

  test('is the same run whether it is asked after each event or at the end of a batch', () => {
    fc.assert(
      fc.property(
        randomGraphs({}),
        outcomes,
        orders,
        fc.integer({ min: 2, max: 5 }),
        ({ graph }, outcomeOf, orderOf, pace) => {
          const batched = drive(begun(graph, outcomeOf), orderOf, pace);
          const asked = begun(graph, outcomeOf);
          for (const delivery of happened(batched)) {
            asked.take();
            asked.deliver(delivery);
          }
          asked.take();
          expect(asked.result).toEqual(batched.result);
          expect(happened(asked)).toEqual(happened(batched));
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('goes on from any point of its log as if nothing had happened', () => {
    fc.assert(
      fc.property(
        randomGraphs({}),
        outcomes,
        orders,
        fc.nat({ max: 100 }),
        ({ graph }, outcomeOf, orderOf, share) => {
          const live = drive(begun(graph, outcomeOf), orderOf);
          const length = Math.floor((live.log.length * share) / 100);
          const first = begun(graph, outcomeOf);
          first.take();
          for (const delivery of live.log.slice(0, length)) {
            first.deliver(delivery);
            first.take();
          }
          const again = new DrivenGraph(graph, outcomeOf, first);
          for (const delivery of live.log.slice(0, length)) {
            expect(again.driver.isOpen(delivery.path)).toBe(true);
            again.deliver(delivery);
          }
          expect(again.driver.difference).toBeUndefined();
          expect(again.driver.missingCalls).toEqual([]);
          again.driver.catchUp();
          again.take();
          expect([...again.open].sort()).toEqual([...first.open].sort());
          for (const delivery of live.log.slice(length)) {
            again.deliver(delivery);
            again.take();
          }
          expect(again.result).toEqual(live.result);
        },
      ),
      { numRuns: RUNS },
    );
  });
});
