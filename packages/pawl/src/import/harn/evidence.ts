/** Fields about evidence and permission: written where the format has a place for them, refused at registration until they work. */
import type { Json } from '../../std/index.ts';
import { type Fields, isFields, type Part } from '../part.ts';
import type { HarnNode } from './node.ts';
import { stepTarget } from './node.ts';

function camel(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase());
}

function isEmpty(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === '' || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** The fields that say something, in our spelling; empty lists and `false` say nothing there. */
function copied(
  part: Part,
  names: Readonly<Record<string, string>> | readonly string[],
  where: string,
): Fields {
  const pairs = Array.isArray(names)
    ? names.map((name: string) => [name, camel(name)] as const)
    : Object.entries(names);
  const fields: Fields = {};
  for (const [name, field] of pairs) {
    const inner = part.at(name);
    if (inner.value === undefined) continue;
    if (isEmpty(inner.value)) {
      inner.to(where, inner.value === false ? 'off' : 'empty: it restricts nothing');
      continue;
    }
    fields[field] = inner.value;
    inner.to(`${where}.${field}`);
  }
  return fields;
}

/** A field of the step, where there is anything to say in it. */
function field(name: string, value: Fields): Fields {
  return Object.keys(value).length === 0 ? {} : { [name]: value };
}

const CONTEXT = [
  'max_artifacts',
  'max_tokens',
  'reserve_tokens',
  'include_kinds',
  'exclude_kinds',
  'prioritize_kinds',
  'pinned_ids',
  'include_stages',
  'prefer_recent',
  'prefer_fresh',
  'render',
];

const CAPABILITIES = ['tools', 'capabilities', 'workspace_roots', 'recursion_limit', 'tool_arg_constraints'];

/** From nothing at all to everything. */
const EFFECTS = ['none', 'read_only', 'workspace_write', 'process_exec', 'network'];

const APPROVALS = {
  auto_approve: 'autoApprove',
  auto_deny: 'autoDeny',
  require_approval: 'requireApproval',
  write_path_allowlist: 'writePathAllowlist',
};

const CONTRACT = { min_inputs: 'min', max_inputs: 'max', schema: 'schema' };

export function evidenceOf(node: HarnNode): Fields {
  const { part } = node;
  const where = (name: string): string => stepTarget(node, name);
  const transcript = part.at('input_contract').at('require_transcript');
  const isAsked = transcript.flag();
  if (isAsked !== undefined) transcript.to(where('conversation.required'), isAsked ? undefined : 'off');
  part.at('output_contract').at('require_transcript').without('only what goes in can need a conversation');
  const { visibility, ...rest } = copied(
    part,
    { output_visibility: 'visibility', auto_compact: 'compaction' },
    where('conversation'),
  );
  return {
    ...field('context', copied(part.at('context_policy'), CONTEXT, where('context'))),
    ...field(
      'accepts',
      copied(part.at('input_contract'), { input_kinds: 'kinds', ...CONTRACT }, where('accepts')),
    ),
    ...field(
      'produces',
      copied(part.at('output_contract'), { output_kinds: 'kinds', ...CONTRACT }, where('produces')),
    ),
    ...field('conversation', {
      ...(isAsked === true ? { required: true } : {}),
      ...(visibility === undefined ? {} : { visibility }),
      ...rest,
    }),
    ...policyOf(part, where('policy')),
  };
}

/** What a node, or the whole, may do, and what a person is asked about. */
export function policyOf(part: Part, where: string): Fields {
  const capability = part.at('capability_policy');
  const level = capability.at('side_effect_level');
  const effects = level.text();
  if (effects !== undefined && !EFFECTS.includes(effects))
    level.refuse('IMPORT_SHAPE', { problem: `must be one of ${EFFECTS.join(', ')}` });
  else if (effects !== undefined) level.to(`${where}.sideEffects`);
  const approval = part.at('approval_policy');
  for (const name of Object.keys(APPROVALS)) {
    const rule = approval.at(name);
    const isList = Array.isArray(rule.value) || rule.value === undefined || rule.value === null;
    if (!isList)
      rule.refuse('IMPORT_SHAPE', {
        problem: 'must be a list: what cannot be read would allow what it forbids',
      });
  }
  const policy = {
    ...copied(capability, CAPABILITIES, where),
    ...(effects === undefined ? {} : { sideEffects: effects }),
    ...copied(approval, APPROVALS, where),
  };
  return field('policy', policy);
}

/** Attempts there begin at one: a step that asks for no more has none here either. */
export function retryOf(node: HarnNode): Fields {
  const policy = node.part.at('retry_policy');
  const where = stepTarget(node, 'retry');
  for (const name of ['verify', 'repair']) {
    const part = policy.at(name);
    if (part.value === true) part.without('the loop of the graph verifies and repairs');
    else if (part.value === false) part.to(where, 'off');
  }
  const attempts = policy.at('max_attempts').number() ?? 1;
  const initial = policy.at('backoff_ms').duration('ms');
  const factor = policy.at('backoff_multiplier').number();
  for (const name of ['max_attempts', 'backoff_ms', 'backoff_multiplier'])
    if (policy.at(name).isThere) policy.at(name).to(where);
  if (attempts <= 1) return { retry: 'none' };
  return {
    retry: {
      attempts,
      initial: initial ?? '0s',
      factor: factor ?? (initial === undefined ? 1 : 2),
      jitter: 0,
    },
  };
}

/** What others want to keep with it. */
export function metadataOf(part: Part, where: string): Fields {
  const metadata = part.at('metadata');
  if (!isFields(metadata.value) || Object.keys(metadata.value).length === 0) return {};
  metadata.to(where);
  return { metadata: metadata.value };
}
