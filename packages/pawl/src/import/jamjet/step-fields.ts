/** What every node may have, whatever its kind: names, retries, limits, policies. */
import { kindTable } from '../../graph/index.ts';
import { type Json, parseDuration } from '../../std/index.ts';
import type { Fields, Part, StepFields } from '../part.ts';
import type { JamNode } from './node.ts';
import { policyOf } from './policies.ts';
import { retryOf } from './retries.ts';
import { copied } from './resources.ts';

/** Kinds whose attempts a limit of time ends. */
const ATTEMPTED = new Set(
  'model tool mcp a2a agent agent_tool coordinator function http shell policy verify'.split(' '),
);

/** Kinds that read `timeout` as the limit of their waiting. */
const WAITING = new Set(['approval', 'signal', 'sleep', 'join', 'condition', 'parallel']);

/** The step with the fields that are not of its kind. */
export function withCommonFields(node: JamNode, step: StepFields): StepFields {
  const { kind, ...own } = step;
  const retry = hasAttempts(kind) ? (retryOf(node) ?? modelRetry(node)) : retryAside(node, kind);
  return {
    kind,
    ...described(node),
    ...own,
    ...(retry === undefined ? {} : { retry }),
    ...(hasAttempts(kind) ? timeoutOf(node, step) : limitAside(node, kind)),
    ...autonomyOf(node),
    ...policyOf((name) => node.find(name), node.target('policy')),
  };
}

/** Of waits and children there is one, which goes on until it ends. */
function hasAttempts(kind: string): boolean {
  return OWN.get(kind)?.opens === 'step';
}

const OWN = kindTable();

function retryAside(node: JamNode, kind: string): undefined {
  const [inline, named] = [node.find('retry'), node.find('retry_policy')];
  const note = `a step of kind ${kind} has no attempts, and is not tried again`;
  for (const part of [inline, named]) part.without(note);
  return undefined;
}

function limitAside(node: JamNode, kind: string): Fields {
  node.part
    .at('node_timeout_secs')
    .without(
      kind === 'workflow' ? 'the child has a deadline of its own' : 'how long it waits is said by its kind',
    );
  return {};
}

function described(node: JamNode): Fields {
  const label = node.find('label');
  const title = label.text();
  if (title !== undefined) label.to(node.target('title'));
  const part = node.part.at('description');
  const description = part.text();
  if (description !== undefined) part.to(node.target('description'));
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...labelsOf(node.part.at('labels'), node.target('labels')),
  };
}

/** Labels are texts; other values are written as texts. */
export function labelsOf(part: Part, where: string): Fields {
  const entries = part.entries().flatMap(([key, value]): [string, string][] => {
    if (!value.isThere) return [];
    if (typeof value.value === 'string') value.to(where);
    else value.nearly(where, 'as a text');
    return [[key, typeof value.value === 'string' ? value.value : JSON.stringify(value.value)]];
  });
  return entries.length === 0 ? {} : { labels: Object.fromEntries(entries) };
}

/** The policy and the limit of a model are those of the steps that call it. */
function modelRetry(node: JamNode): Json | undefined {
  const name = node.find('model_ref', 'model');
  const entry =
    typeof name.value === 'string' ? node.setting.resources.take('models', name.value) : undefined;
  return entry?.at('retry_policy').isThere ? retryOf(node, entry.at('retry_policy')) : undefined;
}

function timeoutOf(node: JamNode, { kind, timeout }: StepFields): Fields {
  if (timeout !== undefined) {
    node.part.at('node_timeout_secs').without('its kind has a limit of its own, which stands');
    return {};
  }
  const own = ownLimit(node, kind);
  const limit = own?.duration();
  if (own && limit !== undefined) {
    own.to(node.target('timeout'));
    return { timeout: limit };
  }
  const { node: otherwise } = node.setting.timeouts;
  return otherwise !== undefined && ATTEMPTED.has(kind) ? { timeout: otherwise } : {};
}

function ownLimit(node: JamNode, kind: string): Part | undefined {
  const direct = node.part.at('node_timeout_secs');
  const part = node.find('timeout_secs', 'timeout_seconds', 'timeout');
  const inner = part.at('node_seconds');
  const ofKind = !WAITING.has(kind) && part.isThere ? (inner.isThere ? inner : part) : undefined;
  if (direct.isThere && ofKind) return shorterOf(direct, ofKind);
  if (direct.isThere || ofKind) return ofKind ?? direct;
  const name = node.find('model_ref', 'model');
  const model =
    typeof name.value === 'string' ? node.setting.resources.take('models', name.value) : undefined;
  return model?.find('timeout_secs', 'timeout');
}

/** Both hold there. */
function shorterOf(one: Part, other: Part): Part {
  const [left, right] = [one, other].map((part) => parseDuration(part.duration() ?? 0, ''));
  const [shorter, longer] = (left as number) <= (right as number) ? [one, other] : [other, one];
  longer.without('the node has a shorter limit beside it');
  return shorter;
}

/** Autonomy and breakers have fields of their own, for versions that enforce them. */
function autonomyOf(node: JamNode): Fields {
  const part = node.find('autonomy');
  const breaker = node.find('circuit_breaker_threshold');
  const fields: Fields = {};
  if (part.isThere) {
    const where = node.target('autonomy');
    if (part.isRecord) Object.assign(fields, copied(part, ['level', 'constraints'], where));
    else {
      fields['level'] = part.value as Json;
      part.to(`${where}.level`);
    }
  }
  if (breaker.isThere) {
    fields['breakerThreshold'] = breaker.value as Json;
    breaker.to(node.target('autonomy.breakerThreshold'));
  }
  return Object.keys(fields).length === 0 ? {} : { autonomy: fields };
}
