/** Retry policies of JamJet: delays, growth, and the errors after which there is another attempt. */
import { type Json, parseDuration } from '../../std/index.ts';
import { type Fields, type Part } from '../part.ts';
import type { JamNode } from './node.ts';

/** Names that mean a policy without standing in the file, as we write them. */
const BUILT_IN: Readonly<Record<string, string>> = {
  no_retry: 'none',
  io_default: 'io',
  llm_default: 'model',
};

const FAST: Fields = { attempts: 2, initial: '1s', factor: 1, jitter: 0 };

const CLASSES: Readonly<Record<string, string>> = {
  io_error: 'retryable',
  server_error: 'retryable',
  connection_reset: 'retryable',
  timeout: 'timeout',
  rate_limit: 'rate_limited',
};

/** The policies of the file by their names. */
export function readRetries(part: Part): Fields {
  return Object.fromEntries(
    part.entries().map(([name, policy]) => [name, readPolicy(policy, `retries.${name}`)]),
  );
}

function readPolicy(policy: Part, where: string): Fields {
  const attempts = policy.at('max_attempts').number();
  if (attempts !== undefined) policy.at('max_attempts').to(`${where}.attempts`);
  return {
    ...(attempts === undefined ? {} : { attempts }),
    ...growthOf(policy.at('backoff'), `${where}.factor`),
    ...delaysOf(policy, where),
    ...jitterOf(policy.at('jitter'), `${where}.jitter`),
    ...classesOf(policy.find('retryable_on', 'retryable_errors'), `${where}.on`),
  };
}

/** A first delay that is cut there by the longest one is written as what it comes to. */
function delaysOf(policy: Part, where: string): Fields {
  const first = policy.find('initial_delay', 'base_delay', 'delay', 'delay_ms');
  const initial = delayOf(first, `${where}.initial`, 'initial');
  const max = delayOf(policy.find('max_delay', 'max_delay_ms'), `${where}.max`, 'max');
  const [initialMs, maxMs] = [initial['initial'], max['max']].map(milliseconds);
  if (initialMs === undefined || maxMs === undefined || initialMs <= maxMs) return { ...initial, ...max };
  first.nearly(`${where}.initial`, 'cut to the longest delay, as it is there');
  return { initial: max['max'] as Json, ...max };
}

function milliseconds(duration: Json | undefined): number | undefined {
  return typeof duration === 'string' ? parseDuration(duration, '') : undefined;
}

function delayOf(part: Part, where: string, field: string): Fields {
  const isMs = String(part.path.at(-1)).endsWith('_ms');
  const delay = part.duration(isMs ? 'ms' : 's');
  if (delay === undefined) return {};
  part.to(where);
  return { [field]: delay };
}

function growthOf(part: Part, where: string): Fields {
  const backoff = part.text();
  if (backoff === 'fixed' || backoff === 'constant') {
    part.to(where);
    return { factor: 1 };
  }
  if (backoff === 'linear') part.without('delays grow by a factor here: they are doubled');
  else if (backoff === 'exponential') part.to(where);
  else if (backoff !== undefined)
    part.refuse('IMPORT_SHAPE', { problem: 'must be fixed, linear or exponential' });
  return backoff === undefined ? {} : { factor: 2 };
}

function jitterOf(part: Part, where: string): Fields {
  if (typeof part.value === 'number') {
    part.to(where);
    return { jitter: part.value };
  }
  const isOn = part.flag();
  if (isOn === undefined) return {};
  if (isOn) part.nearly(where, 'a fifth of the delay');
  else part.to(where);
  return { jitter: isOn ? 0.2 : 0 };
}

function classesOf(part: Part, where: string): Fields {
  if (!part.isThere) return {};
  const items = part.items();
  const classes = new Set<string>();
  for (const item of items) {
    const name = typeof item.value === 'string' ? item.value : undefined;
    const known = name === undefined ? undefined : CLASSES[name];
    if (known === undefined) item.without('errors have classes here, and none of them is this one');
    else {
      classes.add(known);
      if (known === 'retryable') item.nearly(where, 'retryable: whatever may go better the next time');
      else item.to(where);
    }
  }
  return items.length === 0 ? {} : { on: [...classes] };
}

/** The policy of a node: by name, or written out. */
export function retryOf(node: JamNode, named: Part = node.find('retry_policy')): Json | undefined {
  const inline = node.find('retry');
  if (inline.isRecord) return readPolicy(inline, node.target('retry'));
  const part = inline.isThere ? inline : named;
  const name = part.text();
  if (name === undefined) return undefined;
  const target = node.target('retry');
  const { retries } = node.setting;
  if (Object.hasOwn(retries, name)) {
    part.to(target);
    return name;
  }
  if (name === 'fast') {
    part.to(target, 'the policy "fast" stands in `retries`');
    retries['fast'] = FAST;
    return name;
  }
  const builtIn = BUILT_IN[name];
  if (builtIn !== undefined) {
    part.to(target);
    return builtIn;
  }
  part.nearly(target, `there is no policy "${name}": three attempts, as the engine has it`);
  return { attempts: 3 };
}
