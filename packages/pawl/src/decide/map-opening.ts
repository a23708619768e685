/** Opens maps: what a resolved `with` asks for, or why it cannot be done. */
import { describeTemplateProblem, MAP_CONCURRENCY, type MapPlan, MAX_MAP_ITEMS } from '../graph/index.ts';
import { type Command, isName } from '../run/index.ts';
import type { Json } from '../std/index.ts';
import type { Failure } from '../step/index.ts';
import { judgeMap, neededOf } from './map-verdict.ts';
import { type MapOrder, tooFew } from './map-visit.ts';
import { failing, failureAt, givingAtOnce, inputOf, type Visit } from './step-command.ts';

/** `ready`: its items can begin. Else the visit is a step of its own, recorded like any: it fails, or there is nothing to do. */
export type MapOpening =
  | { readonly type: 'ready'; readonly order: MapOrder }
  | { readonly type: 'step'; readonly command: Command };

export function openMap(visit: Visit, plan: MapPlan): MapOpening {
  const resolved = inputOf(visit);
  if (!resolved.ok) return { type: 'step', command: failing(visit, resolved.failure) };
  const read = orderOf(resolved.input, visit, plan);
  if (!read.ok) return { type: 'step', command: failing(visit, read.failure) };
  const order = read.value;
  const { strategy } = plan;
  const { needed } = order;
  const total = order.items.length;
  const verdict = judgeMap({ strategy, total, needed, good: 0, bad: 0 });
  if (verdict === 'wait') return { type: 'ready', order };
  const command =
    verdict === 'reached'
      ? givingAtOnce(visit, [])
      : failing(visit, tooFew(visit.path, { succeeded: 0, total, needed }));
  return { type: 'step', command };
}

type Read<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly failure: Failure };

type Fields = { readonly [key: string]: Json };

function orderOf(input: Fields, visit: Visit, plan: MapPlan): Read<MapOrder> {
  const { items, concurrency = MAP_CONCURRENCY, minSuccess } = input;
  const { strategy } = plan;
  const unfit = (problem: string): Read<never> => refuse(visit, 'WITH_INVALID', problem);
  if (!Array.isArray(items)) return unfit('items must be a list');
  if (items.length > MAX_MAP_ITEMS)
    return unfit(`a map takes ${MAX_MAP_ITEMS} items at most, and there are ${items.length}`);
  if (!isWhole(concurrency, 1)) return unfit('concurrency must be a whole number from 1');
  const least = strategy === 'quorum' ? 1 : 0;
  if (minSuccess !== undefined && !isWhole(minSuccess, least))
    return unfit(`minSuccess must be a whole number from ${least}`);
  const keys = keysOf(items, visit, plan);
  if (!keys.ok) return keys;
  const needed = neededOf(strategy, items.length, minSuccess);
  return { ok: true, value: { items, keys: keys.value, concurrency, needed } };
}

function refuse(
  visit: Visit,
  code: 'WITH_INVALID' | 'EXPRESSION_FAILED',
  problem: string,
): { readonly ok: false; readonly failure: Failure } {
  return { ok: false, failure: failureAt(visit, code, problem) };
}

function isWhole(value: Json, least: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least;
}

function keysOf(items: readonly Json[], visit: Visit, { key }: MapPlan): Read<readonly string[]> {
  if (!key) return { ok: true, value: items.map((_item, index) => `item:${index}`) };
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    const resolved = key.resolve({ ...visit.scope, item, index });
    if (!resolved.ok) {
      const problem = describeTemplateProblem('with', { ...resolved.problem, path: ['key'] });
      return refuse(visit, 'EXPRESSION_FAILED', `${problem}, of item ${index}`);
    }
    const name = typeof resolved.value === 'number' ? String(resolved.value) : resolved.value;
    if (!isName(name)) {
      const problem = `the key of item ${index} must be a name (1 to 64 characters without spaces, "/", "#" and ":"), not ${JSON.stringify(name)}`;
      return refuse(visit, 'WITH_INVALID', problem);
    }
    if (seen.has(name)) return refuse(visit, 'WITH_INVALID', `the key "${name}" names two items`);
    seen.add(name);
  }
  return { ok: true, value: [...seen] };
}
