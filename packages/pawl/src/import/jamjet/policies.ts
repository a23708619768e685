/** Policies and budgets of JamJet, in the fields that the format has for them. */
import type { Json } from '../../std/index.ts';
import { type Fields, type Part } from '../part.ts';
import { verbatim } from './resources.ts';

export const POLICY_FIELDS = ['blocked_tools', 'require_approval_for', 'model_allowlist'];
const DATA_FIELDS = [
  'pii_fields',
  'pii_detectors',
  'redaction_mode',
  'retain_prompts',
  'retain_outputs',
  'retention_days',
];

/** `policy` and `data_policy`, of the whole or of a node, in words that the format takes as shorthands. */
export function policyOf(find: (name: string) => Part, where: string): Fields {
  const rules = verbatim(find('policy'), POLICY_FIELDS, where);
  const data = verbatim(find('data_policy'), DATA_FIELDS, `${where}.data_policy`);
  const policy = { ...rules, ...(Object.keys(data).length === 0 ? {} : { data_policy: data }) };
  return Object.keys(policy).length === 0 ? {} : { policy };
}

const TOKENS: Readonly<Record<string, string>> = {
  input_tokens: 'inputTokens',
  output_tokens: 'outputTokens',
  total_tokens: 'totalTokens',
};

const BREACHES: Readonly<Record<string, string>> = {
  pause: 'park',
  park: 'park',
  fail: 'fail',
  halt: 'fail',
};

export interface Budget {
  readonly fields: Fields;
  /** The node that a breach leads to. */
  readonly route: { readonly to: string; readonly at: Part } | undefined;
}

/** `isNode` says of a name whether the file has a node of it. */
export function budgetOf(top: Part, isNode: (name: string) => boolean): Budget {
  const budget: Fields = {};
  const tokens = top.at('token_budget');
  for (const [name, field] of Object.entries(TOKENS)) {
    const limit = tokens.at(name).number();
    if (limit === undefined) continue;
    budget[field] = limit;
    tokens.at(name).to(`budget.${field}`);
  }
  const cost = top.at('cost_budget_usd').number();
  if (cost !== undefined) {
    budget['usd'] = moneyOf(cost);
    top.at('cost_budget_usd').to('budget.usd');
  }
  const breach = top.at('on_budget_exceeded');
  const name = breach.text();
  if (name === undefined) return { fields: fieldsOf(budget), route: undefined };
  breach.to('budget.onBreach');
  const known = isNode(name) ? undefined : BREACHES[name];
  budget['onBreach'] = known ?? { route: name };
  return { fields: fieldsOf(budget), route: known === undefined ? { to: name, at: breach } : undefined };
}

function fieldsOf(budget: Fields): Fields {
  return Object.keys(budget).length === 0 ? {} : { budget };
}

/** Money is a decimal text outside: no sum of it may be rounded. */
export function moneyOf(usd: number): Json {
  return usd.toFixed(9).replace(/\.?0+$/, '');
}
