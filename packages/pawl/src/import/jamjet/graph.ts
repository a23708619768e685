/** Makes the draft of a graph from whatever dialect: top, nodes, edges. */
import type { DocumentPath } from '../../graph/index.ts';
import { nameFrom } from '../assemble.ts';
import { type Draft, END, type StepDraft } from '../draft.ts';
import { type Fields, type Part } from '../part.ts';
import { labelsOf, withCommonFields } from './step-fields.ts';
import { type BuiltNode, edgesOf } from './edges.ts';
import { build } from './kinds.ts';
import { JamNode } from './node.ts';
import { budgetOf, policyOf } from './policies.ts';
import { Resources, type Shelves } from './resources.ts';
import { readRetries } from './retries.ts';
import type { Onward, Setting } from './setting.ts';
import { INPUT_IS_STATE, readState } from './state.ts';

export interface NodeSource {
  readonly id: string;
  readonly part: Part;
  readonly type: Part;
  /** Where its fields are looked up, in this order. */
  readonly places: readonly Part[];
}

/** A dialect, taken apart. */
export interface Source {
  readonly top: Part;
  readonly id: Part;
  readonly start: Part;
  readonly nodes: readonly NodeSource[];
  readonly onward: (id: string) => readonly Onward[];
  readonly shelves: Shelves;
  readonly hasBareNames: boolean;
  readonly isFirstTaken: boolean;
  /** What a node gives is merged into the state where nothing else is said. */
  readonly savesAll: boolean;
  /** Nodes without a limit have that of the engine. */
  readonly hasDefaultTimeout: boolean;
  /** Keys of the state that were spoken of; filled while reading. */
  readonly spokenOf: Set<string>;
  /** Nodes that stand for the end. */
  readonly ends?: ReadonlySet<string>;
  /** Other places for what stands at the top. */
  readonly beside?: Part;
}

/** Limits of the engine where the file has none. */
const NODE_TIMEOUT = '300s';
const LOOP_MAX = 10;

/** Undefined where there is nothing to draw. */
export function draftOf(source: Source): Draft | undefined {
  const { top, beside = top } = source;
  const { report } = top;
  const [id, version] = [source.id.word(), top.at('version').word()];
  if (id === undefined) source.id.refuse('IMPORT_SHAPE', { problem: 'is missing: a workflow has an id' });
  if (version === undefined)
    top.at('version').refuse('IMPORT_SHAPE', { problem: 'is missing: a workflow has a version' });
  if (source.nodes.length === 0) beside.at('nodes').refuse('IMPORT_SHAPE', { problem: 'there are no nodes' });
  if (id === undefined || version === undefined || source.nodes.length === 0) return undefined;
  const state = readState(top.at('state_schema'), source.spokenOf);
  const retries = readRetries(beside.at('retry_policies'));
  const timeouts = timeoutsOf(source, beside.at('timeouts'));
  const resources = new Resources(source.shelves);
  const setting: Setting = {
    report,
    style: { hasBareNames: source.hasBareNames, declared: state.declared, spokenOf: source.spokenOf },
    resources,
    retries,
    timeouts,
    isFirstTaken: source.isFirstTaken,
    savesAll: source.savesAll,
  };
  const nodes = source.nodes.map((node) => nodeOf(node, source, setting));
  const known = new Set(nodes.map((node) => node.id));
  const budget = budgetOf(top, (name) => known.has(name));
  const all: BuiltNode[] = nodes.map((node) => ({ node, built: build(node) }));
  const steps = all.flatMap(stepsOf);
  resources.reportUnused();
  report.follows(INPUT_IS_STATE, 'stateFrom');
  report.note(
    'what is open finishes after a failure, and nothing new starts: there, ready steps still did',
    'onFailure',
  );
  const hasOpenApproval = steps.some(
    ({ step }) => (step['with'] as Fields | undefined)?.['deadline'] === timeouts.approval,
  );
  if (timeouts.approval !== undefined && !hasOpenApproval)
    beside.at('timeouts').at('approval_timeout').without('no approval is without a limit of its own');
  const { metadata, ...keys } = state.top;
  return {
    top: {
      ...headOf(source, { id, version }),
      ...(metadata === undefined ? {} : { metadata }),
      ...keys,
      stateFrom: 'input',
      ...(Object.keys(retries).length === 0 ? {} : { retries }),
      ...(timeouts.run === undefined ? {} : { deadline: timeouts.run }),
      onFailure: 'drain',
      ...policyOf((name) => top.at(name), 'policy'),
      ...budget.fields,
    },
    steps,
    edges: edgesOf(all).map((edge) => (source.ends?.has(edge.to) ? { ...edge, to: END } : edge)),
    start: startOf(source),
    origins: {
      input: top.at('state_schema').path,
      state: top.at('state_schema').path,
      retries: beside.at('retry_policies').path,
      deadline: beside.at('timeouts').path,
    },
    routed: new Set(budget.route === undefined ? [] : [budget.route.to]),
    loops: { max: LOOP_MAX, note: `a loop of at most ${LOOP_MAX} visits` },
  };
}

function nodeOf({ id, part, type, places }: NodeSource, source: Source, setting: Setting): JamNode {
  if (!part.isRecord) part.refuse('IMPORT_SHAPE', { problem: 'must be a node' });
  return new JamNode(id, type.text() ?? '', { part, places, onward: source.onward(id), setting });
}

function stepsOf({ node, built }: BuiltNode): readonly StepDraft[] {
  const at: DocumentPath = node.part.path;
  const own = { id: node.id, at, step: withCommonFields(node, built.step) };
  return built.helper ? [own, { id: built.helper.id, at, step: built.helper.step }] : [own];
}

/** The longest that a version of ours is. */
const MAX_VERSION = 64;

function headOf(
  { top, id: idPart }: Source,
  head: { readonly id: string; readonly version: string },
): Fields {
  const [name, version] = [nameFrom(head.id), head.version.slice(0, MAX_VERSION)];
  if (name === head.id) idPart.to('workflow');
  else idPart.nearly('workflow', `as ${name}: a workflow's name is plain and short`);
  const versionPart = top.at('version');
  if (version === head.version) versionPart.to('version');
  else versionPart.nearly('version', 'cut: a version is short');
  top.at('continue_as_new').without('a run has no limit of events that would make it go on as a new one');
  const title = top.at('name').text();
  const description = top.at('description').text();
  if (title !== undefined) top.at('name').to('title');
  if (description !== undefined) top.at('description').to('description');
  return {
    workflow: name,
    version,
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...labelsOf(top.at('labels'), 'labels'),
  };
}

interface Timeouts {
  readonly node: string | undefined;
  readonly approval: string | undefined;
  readonly run: string | undefined;
}

function timeoutsOf({ hasDefaultTimeout, top }: Source, part: Part): Timeouts {
  const limits = ['node_timeout', 'approval_timeout', 'workflow_timeout'].map((name) => part.at(name));
  const [node, approval, run] = limits.map((limit) => limit.duration());
  const targets = ['steps.*.timeout', 'steps.*.with.deadline', 'deadline'];
  for (const [index, limit] of limits.entries()) if (limit.isThere) limit.to(targets[index] as string);
  part.at('heartbeat_interval').without('workers here have a heartbeat of their own');
  const isOpen = hasDefaultTimeout && part.at('node_timeout').value === undefined;
  if (isOpen) top.report.note(`a node may run for ${NODE_TIMEOUT}, as it may there`, 'steps.*.timeout');
  return { node: isOpen ? NODE_TIMEOUT : node, approval, run };
}

function startOf({ start, nodes }: Source): string {
  const name = start.text();
  if (name === undefined) {
    const [first] = nodes;
    start.report.note('the first node begins, as it does there', 'start');
    return first?.id ?? END;
  }
  start.to('start');
  if (!nodes.some(({ id }) => id === name))
    start.refuse('IMPORT_NODE_UNKNOWN', { name }, { name, known: nodes.map(({ id }) => id) });
  return name;
}
