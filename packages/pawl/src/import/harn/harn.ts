/** The importer of Harn: workflow graphs as drafts of ours. */
import type { Json } from '../../std/index.ts';
import { nameFrom } from '../assemble.ts';
import { type Draft, type EdgeDraft } from '../draft.ts';
import { type Fields, Part, type StepFields } from '../part.ts';
import type { Report } from '../report.ts';
import { verifyStep } from './contract.ts';
import { edgesOf, type Placed } from './edges.ts';
import { evidenceOf, metadataOf, policyOf, retryOf } from './evidence.ts';
import { conditionStep, escalateStep, forkStep, joinStep, mapStep, reduceStep } from './flow.ts';
import { type HarnNode, type HarnStep, stepTarget } from './node.ts';
import { type Shape, shapeOf } from './shape.ts';
import { delegatedStep, stageStep } from './stage.ts';

const KINDS: Readonly<Record<string, (node: HarnNode) => HarnStep>> = {
  stage: stageStep,
  verify: verifyStep,
  condition: conditionStep,
  fork: forkStep,
  join: joinStep,
  map: mapStep,
  reduce: reduceStep,
  subagent: delegatedStep,
  escalation: escalateStep,
};

/** Kinds that give nothing of their own: what came before them is what comes out. */
const MARKERS: ReadonlySet<string> = new Set(['condition', 'fork', 'join', 'escalation']);

/** Times that each node may be visited there. */
const VISITS_PER_NODE = 4;

export function readHarn(value: Json, report: Report, fileName: string): Draft | undefined {
  const shape = shapeOf(new Part(value, [], report));
  if (shape === undefined) return undefined;
  const { root, edges, leaving, entry, size } = shape;
  const gives = new Map([...shape.nodes].map(([name, part]) => [name, kindsOf(part)]));
  const placed = [...shape.nodes].map(([id, part]) => place(id, part, { ...shape, gives }));
  const known = new Set(placed.map(({ node }) => node.id));
  const max = VISITS_PER_NODE * size;
  noteTwice(placed, shape, report);
  report.note('the task that a run is started with opens every prompt', 'input');
  report.note('a stage that fails and has no edge for it fails the run', 'edges');
  const drawn = placed.flatMap((one) => edgesOf(one, leaving.get(one.node.id) ?? []));
  const stray = edges
    .filter(({ from }) => !known.has(from))
    .map(({ from, to, at }): EdgeDraft => ({ from, to, at: at.path }));
  return {
    top: { ...headOf(root, fileName), input: TASK, limits: { maxSteps: max }, ...policyOf(root, 'policy') },
    steps: placed.map(({ node, made }) => ({ id: node.id, at: node.part.path, step: stepOf(node, made) })),
    edges: [...drawn, ...stray],
    start: entry,
    routed: new Set(),
    loops: { max, note: `a loop of at most ${max} visits, four for each node` },
  };
}

const TASK: Fields = { type: 'object', required: ['task'], properties: { task: { type: 'string' } } };

function place(id: string, part: Part, shape: Shape & Pick<HarnNode, 'gives'>): Placed {
  const { root, isShort, gives } = shape;
  const kindPart = part.at('kind');
  const kind = kindOf(id, part, isShort);
  if (part.at('id').isThere) {
    if (part.at('id').value === id) part.at('id').to(`steps.${id}`);
    else part.at('id').refuse('IMPORT_SHAPE', { problem: `must be "${id}", the key of the node` });
  }
  const verify = part.at('verify');
  const node: HarnNode = {
    id,
    kind,
    part,
    // In the shorthand the clauses may stand beside the other fields.
    verify: isShort && kind === 'verify' && !verify.isThere ? part : verify,
    before: givers(id, shape),
    defaults: isShort ? root : undefined,
    gives,
  };
  const rule = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (rule) {
    if (kindPart.isThere) kindPart.to(stepTarget(node, 'kind'));
    return { node, made: rule(node) };
  }
  kindPart.refuse('IMPORT_KIND_UNKNOWN', { kind }, { name: kind, known: Object.keys(KINDS) });
  return { node, made: { step: { kind: 'join' }, branches: {}, good: ['ok'] } };
}

function kindOf(id: string, part: Part, isShort: boolean): string {
  return part.at('kind').text() ?? (isShort && id === 'verify' ? 'verify' : 'stage');
}

function kindsOf(part: Part): readonly string[] {
  const { value } = part.at('output_contract').at('output_kinds');
  return Array.isArray(value) ? value.filter((kind): kind is string => typeof kind === 'string') : [];
}

/** The nearest nodes before this one that give anything. */
function givers(id: string, { nodes, entering, isShort }: Shape): readonly string[] {
  const found = new Set<string>();
  const seen = new Set([id]);
  for (const inner of seen)
    for (const { from } of entering.get(inner) ?? []) {
      const part = nodes.get(from);
      if (part === undefined) continue;
      const isMarker = MARKERS.has(kindOf(from, part, isShort)) || part.at('mode').value === 'manual';
      if (isMarker) seen.add(from);
      else if (from !== id) found.add(from);
    }
  return [...found];
}

function stepOf(node: HarnNode, { step }: HarnStep): StepFields {
  const isTried = ['agent', 'model', 'shell', 'verify', 'reduce'].includes(step.kind);
  const retry = retryOf(node);
  return {
    ...step,
    ...(isTried ? retry : {}),
    ...evidenceOf(node),
    ...metadataOf(node.part, stepTarget(node, 'metadata')),
  };
}

function headOf(root: Part, fileName: string): Fields {
  const [id, name] = [root.at('id').word(), root.at('name').text()];
  const workflow = nameFrom(id ?? name ?? fileName);
  if (id === undefined) root.report.note(`the file gives no id: it is called ${workflow}`, 'workflow');
  else if (workflow === id) root.at('id').to('workflow');
  else root.at('id').nearly('workflow', `as ${workflow}: a workflow's name is plain and short`);
  const version = root.at('version').word();
  if (version === undefined)
    root.report.note('the file gives no version: it is the first one, as there', 'version');
  else root.at('version').to('version');
  if (name !== undefined) root.at('name').to('title');
  if (root.at('_type').isThere) root.at('_type').to('pawl');
  root.at('audit_log').without('how the graph was made, which runs do not need');
  return {
    workflow,
    version: version === undefined || version === '0' ? '1' : version,
    ...(name === undefined ? {} : { title: name }),
    ...metadataOf(root, 'metadata'),
  };
}

/** What a fork reaches on two ways runs once here. */
function noteTwice(placed: readonly Placed[], { leaving, entering }: Shape, report: Report): void {
  const reached = new Set(placed.filter(({ node }) => node.kind === 'fork').map(({ node }) => node.id));
  for (const id of reached) for (const { to } of leaving.get(id) ?? []) reached.add(to);
  for (const { node } of placed) {
    const ways = (entering.get(node.id) ?? []).filter(({ from }) => reached.has(from));
    const note = `"${node.id}" runs once, when the ways of the fork have met; there once for each`;
    if (ways.length > 1) report.note(note, stepTarget(node, 'join'));
  }
}
