/** The effect of a reduce step: one value made of a list. */
import { type ErrorCode, type ErrorParams, messageOf } from '../../errors/index.ts';
import { canonicalJson, type Json } from '../../std/index.ts';
import { FailureError, type KindResult, type StepContext } from '../../step/index.ts';
import type { ReduceInput } from './input.ts';

/**
 * Makes one value of the items. An item that is null counts as nothing: that is how one stands that gave no value.
 * @throws `REDUCE_MISFIT`, `EXPRESSION_FAILED` (both terminal)
 */
export async function reduceItems(input: ReduceInput, { path }: StepContext): Promise<KindResult> {
  return { output: reduced(input, path) };
}

function reduced(input: ReduceInput, path: string): Json {
  const items = present(input.items as Json[]);
  switch (input.strategy) {
    case 'concat':
      return items.map(({ item }) => textOf(item)).join(input.separator ?? '\n');
    case 'collect':
      return items.map(({ item }) => item);
    case 'merge':
      return merged(items);
    case 'vote':
      return elected(items);
    case 'expression':
      return answerOf(input.expression, path);
  }
}

interface Placed {
  readonly item: Json;
  readonly index: number;
}

function present(items: readonly Json[]): readonly Placed[] {
  return items.map((item, index) => ({ item, index })).filter(({ item }) => item !== null);
}

/** As in templates: texts as they are, anything else as JSON. */
function textOf(item: Json): string {
  return typeof item === 'string' ? item : JSON.stringify(item);
}

/** The last one that names a key gives its value. */
function merged(items: readonly Placed[]): Json {
  const entries = items.flatMap(({ item, index }) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item))
      throw misfit('merge', `items[${index}] is no object`);
    return Object.entries(item);
  });
  return Object.fromEntries(entries);
}

/** Equal values are one choice; of choices with the same number of votes the one that was seen first wins. */
function elected(items: readonly Placed[]): Json {
  const choices = new Map<string, { readonly winner: Json; votes: number }>();
  for (const { item } of items) {
    const key = canonicalJson(item);
    const choice = choices.get(key) ?? { winner: item, votes: 0 };
    choice.votes++;
    choices.set(key, choice);
  }
  const [first, ...others] = choices.values();
  if (first === undefined) throw misfit('vote', 'nobody has voted: no item has a value');
  const { winner, votes } = others.reduce(
    (best, choice) => (choice.votes > best.votes ? choice : best),
    first,
  );
  return { winner, votes, total: items.length };
}

function answerOf(answer: ReduceInput['expression'], path: string): Json {
  if (answer !== undefined && 'value' in answer) return answer.value as Json;
  const problem = `with.expression: ${answer?.source}: ${answer?.problem}`;
  throw failure('EXPRESSION_FAILED', { where: path, problem });
}

function misfit(strategy: string, problem: string): FailureError {
  return failure('REDUCE_MISFIT', { strategy, problem });
}

function failure(code: ErrorCode, params: ErrorParams): FailureError {
  return new FailureError({ class: 'terminal', code, message: messageOf(code, params) });
}
