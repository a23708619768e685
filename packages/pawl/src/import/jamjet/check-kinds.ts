/** Nodes that judge, and those that clean up. */
import { readCondition } from '../condition.ts';
import type { Json } from '../../std/index.ts';
import { type Fields, type Part } from '../part.ts';
import type { Built, JamNode } from './node.ts';
import { moneyOf, POLICY_FIELDS } from './policies.ts';
import { verbatim } from './resources.ts';
import { toolKind } from './work-kinds.ts';

export function policyKind(node: JamNode): Built {
  const policy = node.find('policy_ref');
  if (policy.isThere) policy.to(node.target('with.policy'));
  const reaction = node.find('on_violation');
  const target = reaction.at('branch').at('target');
  const name = policy.text() ?? node.id;
  const entry = node.setting.resources.take('policies', name);
  const definition = entry && verbatim(entry, POLICY_FIELDS, node.target('with.definition'));
  const step = { kind: 'policy', with: { policy: name, ...(definition ? { definition } : {}) } };
  const to = target.text();
  if (to !== undefined) return { step, routes: [{ labels: ['failed'], to, at: target }] };
  const reacts = reaction.text();
  if (reacts === 'warn') {
    reaction.nearly('edges', 'it goes on either way; the violation is the failure of the step');
    return { step, labels: ['passed', 'failed'] };
  }
  if (reacts === 'fail') reaction.to('edges', 'a violation has no edge, and fails the run');
  else if (reacts !== undefined)
    reaction.refuse('IMPORT_SHAPE', { problem: 'must be fail, warn or { branch: { target } }' });
  return { step };
}

/** Runs after everything else; `run_on` says after what. */
export function finalizerKind(node: JamNode): Built {
  const when = node.find('run_on');
  const trigger = when.text() ?? 'always';
  if (!['success', 'failure', 'always'].includes(trigger))
    when.refuse('IMPORT_SHAPE', { problem: 'must be success, failure or always' });
  when.to(node.target('finalize'));
  const { save, ...step } = toolKind(node).step;
  if (save !== undefined)
    node.setting.report.note('what runs after the end changes no state', node.target('finalize'));
  return { step: { ...step, finalize: trigger } };
}

export function evalKind(node: JamNode): Built {
  const clauses = node
    .find('scorers')
    .items()
    .flatMap((scorer) => clausesOf(scorer, node));
  const threshold = node.find('fail_under');
  threshold.without('every clause has to hold here: there is no sum of scores');
  const input = node.find('input_expr');
  const subject = node.value(input, 'with.subject', { isMapping: true });
  const budget = clauses.flatMap(({ usd }) => (usd === undefined ? [] : [usd]));
  const written = clauses.flatMap(({ clause }) => (clause === undefined ? [] : [clause]));
  if (written.length === 0)
    node.part.differs('none of its scorers checks anything here, so that it would always pass');
  return {
    step: {
      kind: 'verify',
      with: { clauses: subject === undefined ? written : written.map((clause) => judged(clause, subject)) },
      ...(budget.length === 0 ? {} : { budget: { usd: moneyOf(Math.min(...budget)) } }),
    },
    ...reactionOf(node),
  };
}

/** Who judges gets the value that is judged. */
function judged(clause: Fields, subject: Json): Fields {
  const { judge } = clause;
  return judge === undefined ? clause : { judge: { ...(judge as Fields), subject } };
}

interface Scored {
  readonly clause?: Fields;
  readonly usd?: number;
}

function clausesOf(scorer: Part, node: JamNode): readonly Scored[] {
  const type = scorer.at('type');
  const name = type.text() ?? '';
  const where = node.target('with.clauses');
  const rule = Object.hasOwn(SCORERS, name) ? SCORERS[name] : undefined;
  if (rule === undefined) {
    type.refuse('IMPORT_KIND_UNKNOWN', { kind: name }, { name, known: Object.keys(SCORERS) });
    return [];
  }
  type.to(where);
  return rule(scorer, where, node);
}

type Scorer = (scorer: Part, where: string, node: JamNode) => readonly Scored[];

const SCORERS: Readonly<Record<string, Scorer>> = {
  llm_judge(scorer, where) {
    const judge: Fields = {};
    for (const [field, target] of [
      ['model', 'model'],
      ['rubric', 'rubric'],
      ['min_score', 'minScore'],
    ] as const) {
      const part = scorer.at(field);
      if (!part.isThere) continue;
      judge[target] = part.value as Json;
      part.to(`${where}.judge.${target}`);
    }
    return [{ clause: { judge } }];
  },
  assertion(scorer, where, node) {
    const checks = scorer.at('checks').isThere ? scorer.at('checks').items() : [scorer.at('check')];
    return checks
      .filter((check) => check.isThere)
      .map((check) => ({ clause: expressionClause(check, where, node) }));
  },
  latency(scorer) {
    scorer
      .at('threshold_ms')
      .without('a verification has no clause about time: `timeout` limits the step itself');
    return [];
  },
  cost(scorer, _where, node) {
    const part = scorer.at('threshold_usd');
    const usd = part.number();
    if (usd === undefined) return [];
    part.nearly(node.target('budget.usd'), 'the budget of the step, which is kept before it is spent');
    return [{ usd }];
  },
  custom(scorer, where) {
    const name = scorer.at('module').text() ?? '';
    scorer
      .at('module')
      .nearly(`${where}.judge.function`, 'a function that judges, registered under this name');
    const { value } = scorer.at('kwargs');
    if (value !== undefined && value !== null) scorer.at('kwargs').to(`${where}.judge.input`);
    return [
      { clause: { judge: { function: name.replace(':', '.'), ...(value == null ? {} : { input: value }) } } },
    ];
  },
};

/** Checks are expressions of Python: those that are conditions too can be asked here. */
function expressionClause(check: Part, where: string, node: JamNode): Fields {
  const text = check.text() ?? '';
  const reading = readCondition(text, node.setting.style);
  const isAboutOutput = reading.ok && /(?<![\w."])output\./.test(reading.condition.cel);
  if (!reading.ok || isAboutOutput) {
    const problem = reading.ok ? 'a verification knows the state alone' : reading.problem;
    check.refuse('IMPORT_CONDITION', { condition: text, problem });
    return { expression: 'true' };
  }
  check.to(`${where}.expression`);
  return { expression: reading.condition.cel };
}

function reactionOf(node: JamNode): Omit<Built, 'step'> {
  const part = node.find('on_fail');
  const reaction = part.text() ?? 'halt';
  const retries = node.find('max_retries');
  retries.without('a verification does not run the step before it again: an edge back does, as a loop');
  if (reaction === 'log_and_continue') {
    part.nearly('edges', 'it goes on either way; what was found is the failure of the step');
    return { labels: ['passed', 'failed'] };
  }
  if (reaction === 'escalate') {
    part.nearly('edges', 'a step of its own asks a person, and goes on when it is resolved');
    const step = { kind: 'escalate', with: { to: 'human:operator', message: `"${node.id}" did not pass` } };
    return { helper: { id: `${node.id}-escalation`, step, on: 'failed' } };
  }
  if (reaction === 'retry_with_feedback')
    part.without('a step gets no feedback yet: what did not pass fails the run');
  else if (reaction !== 'halt') part.refuse('IMPORT_SHAPE', { problem: 'is no reaction that is known' });
  else if (part.isThere) part.to('edges', 'what did not pass has no edge, and fails the run');
  return {};
}
