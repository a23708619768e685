/** Nodes that wait: approvals, events, timers, children. */
import type { Json } from '../../std/index.ts';
import { type Fields, type Part } from '../part.ts';
import type { Built, JamNode, Route } from './node.ts';
import { outputSchemaOf } from './saving.ts';
import { inputOf } from './work-kinds.ts';

function routeTo(part: Part, labels: readonly string[]): readonly Route[] {
  const to = part.text();
  return to === undefined ? [] : [{ labels, to, at: part }];
}

/** `timeout: { node_seconds }`, seconds, hours, or a text. */
function timeLimit(
  node: JamNode,
  ...more: readonly string[]
): { readonly part: Part; readonly limit?: string } {
  const hours = node.find('timeout_hours');
  if (hours.isThere) return limited(hours, hours.duration('h'));
  const part = node.find(...more, 'timeout_secs', 'timeout_seconds', 'timeout');
  const inner = part.at('node_seconds');
  return inner.isThere ? limited(inner, inner.duration()) : limited(part, part.duration());
}

function limited(part: Part, limit: string | undefined): { readonly part: Part; readonly limit?: string } {
  return { part, ...(limit === undefined ? {} : { limit }) };
}

/** What a timeout may answer in somebody's place. */
const ANSWERS: Readonly<Record<string, string>> = { approve: 'approve', reject: 'reject', fail: 'expire' };

export function approvalKind(node: JamNode): Built {
  const message = node.find('message', 'prompt_template', 'prompt', 'description');
  const { part, limit } = timeLimit(node);
  const deadline = limit ?? node.setting.timeouts.approval;
  if (limit !== undefined) part.to(node.target('with.deadline'));
  const rejected = node.find('on_rejected');
  const late = node.find('on_timeout', 'fallback_node', 'fallback');
  const answer = ANSWERS[late.text() ?? ''];
  const isLateRouted = late.isThere && answer === undefined;
  if (!rejected.isThere)
    node.setting.report.note(
      'a rejection fails the run unless an edge asks for the decision',
      node.target('kind'),
    );
  if (answer !== undefined) late.to(node.target('with.onTimeout'));
  return {
    step: {
      kind: 'approval',
      with: {
        message: node.text(message, 'with.message') ?? unnamed(node, 'with.message', `Approve "${node.id}"?`),
        ...(deadline === undefined ? {} : { deadline }),
        ...(answer === undefined || answer === 'expire' ? {} : { onTimeout: answer }),
      },
      ...decisionSaved(node),
    },
    labels: ['approved'],
    routes: [
      ...routeTo(node.find('on_approved'), ['approved']),
      ...routeTo(rejected, isLateRouted || answer !== undefined ? ['rejected'] : ['rejected', 'expired']),
      ...(isLateRouted ? routeTo(late, ['expired']) : []),
    ],
  };
}

/** What the file leaves out is made of the id of its node. */
function unnamed(node: JamNode, field: string, text: string): string {
  node.setting.report.note(`the file does not say: "${text}"`, node.target(field));
  return text;
}

function decisionSaved(node: JamNode): Fields {
  if (!node.setting.style.declared?.has('decision')) return {};
  node.setting.report.follows('the state has a key `decision`, which is the decision', node.target('save'));
  return { save: { decision: 'output.decision' } };
}

export function waitKind(node: JamNode): Built {
  if (isQuestion(node)) return question(node);
  const condition = node.find('condition');
  const type = condition.text() ?? (node.find('event').isThere ? 'external_event' : 'timer');
  if (!['timer', 'external_event', 'either'].includes(type))
    condition.refuse('IMPORT_SHAPE', { problem: 'must be timer, external_event or either' });
  if (condition.isThere) condition.to(node.target('kind'));
  return type === 'timer' ? timer(node) : event(node, type === 'either');
}

/** It waits for a person: neither an event nor a time is named, but a text for somebody to read. */
function isQuestion(node: JamNode): boolean {
  const isNamed = ['event', 'condition', 'correlation_key'].some((name) => node.find(name).isThere);
  return !isNamed && node.find('prompt', 'message').isThere;
}

function question(node: JamNode): Built {
  const { part, limit } = timeLimit(node);
  if (limit !== undefined) part.to(node.target('with.deadline'));
  const message = node.text(node.find('prompt', 'message'), 'with.message') ?? '';
  node.setting.report.note('it waits for an answer, which is saved under its name', node.target('kind'));
  node.setting.style.spokenOf.add(node.id);
  return {
    step: {
      kind: 'input',
      with: { message, ...(limit === undefined ? {} : { deadline: limit }) },
      save: { [node.id]: 'output' },
    },
    routes: routeTo(node.find('on_timeout'), ['expired']),
  };
}

function timer(node: JamNode): Built {
  const { part, limit } = timeLimit(node, 'duration');
  if (limit === undefined) {
    node.part.refuse('IMPORT_SHAPE', {
      problem: 'it waits for nothing: neither an event nor a time is named',
    });
    return { step: { kind: 'join' } };
  }
  part.to(node.target('with.for'));
  const key = node.find('correlation_key');
  key.without('nothing is correlated with a timer');
  return { step: { kind: 'sleep', with: { for: limit } } };
}

/** What comes with an event is merged into the state, where it is an object. */
const PAYLOAD = 'type(output) == map ? output : {}';

function event(node: JamNode, isEither: boolean): Built {
  const key = node.find('event', 'correlation_key');
  const name = node.value(key, 'with.name', { isMapping: true });
  const { part, limit } = timeLimit(node);
  if (limit !== undefined) part.to(node.target('with.timeout'));
  const late = node.find('on_timeout');
  if (limit !== undefined && !isEither && !late.isThere)
    node.setting.report.note(
      'an event that does not come in time has no edge, and fails the run',
      node.target('kind'),
    );
  node.setting.report.follows('what comes with it is merged into the state, as there', node.target('save'));
  return {
    step: {
      kind: 'signal',
      with: {
        name: name ?? unnamed(node, 'with.name', node.id),
        ...(limit === undefined ? {} : { timeout: limit }),
      },
      save: PAYLOAD,
    },
    labels: isEither ? ['received', 'expired'] : ['received'],
    routes: routeTo(late, ['expired']),
  };
}

export function childKind(node: JamNode): Built {
  const workflow = node.find('workflow_ref', 'workflow');
  const version = node.find('workflow_version', 'version');
  const name = workflow.text();
  if (name === undefined) node.part.refuse('IMPORT_SHAPE', { problem: 'names no workflow' });
  workflow.to(node.target('with.workflow'));
  const text = version.word();
  if (text !== undefined) version.to(node.target('with.version'));
  return {
    step: {
      kind: 'workflow',
      with: {
        workflow: name ?? '',
        ...(text === undefined ? {} : { version: text }),
        ...inputOf(node, false),
      },
      ...outputSchemaOf(node),
      ...mappedOutput(node),
    },
  };
}

/** Keys of the state, each from a path into the final state of the child. */
function mappedOutput(node: JamNode): Fields {
  const mapping = node.find('output_mapping');
  const entries = mapping.entries().flatMap(([key, path]): [string, Json][] => {
    const text = path.text();
    if (text === undefined) return [];
    path.nearly(node.target('save'), 'read as: key of the state, from a path into what the child gives');
    node.setting.style.spokenOf.add(key);
    return [[key, node.outputField(text)]];
  });
  return entries.length === 0 ? {} : { save: Object.fromEntries(entries) };
}
