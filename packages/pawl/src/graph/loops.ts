/** Loops: which steps each one repeats, how they nest, and what has to be over before an edge leaves them. */
import type { GraphEdge, GraphLoop, GraphStep } from './graph.ts';
import type { ProblemList } from './problem.ts';

/** A loop while it is put together. */
export interface LoopDraft extends GraphLoop {
  readonly sources: GraphStep[];
  max: number;
  body: readonly GraphStep[];
  exits: GraphEdge[];
  /** The loop edges, with their places in the document. */
  readonly edges: { readonly edge: GraphEdge; readonly index: number }[];
}

export function draftLoop(target: GraphStep): LoopDraft {
  return {
    target,
    sources: [],
    max: 0,
    body: [],
    waitsFor: [],
    inner: [],
    exits: [],
    edges: [],
  };
}

/** Finds the bodies, and reports loops that are entered from the side or lead forward. */
export function shapeLoops(loops: readonly LoopDraft[], problems: ProblemList): void {
  const byTarget = new Map(loops.map((loop) => [loop.target, loop]));
  for (const loop of loops) {
    const body = bodyOf(loop);
    loop.body = [...body].toSorted((a, b) => a.index - b.index);
    reportForward(loop, { body, byTarget }, problems);
  }
}

interface Bodies {
  readonly body: ReadonlySet<GraphStep>;
  readonly byTarget: ReadonlyMap<GraphStep, LoopDraft>;
}

/** Backward from the sources, not beyond the target. */
function bodyOf({ target, sources }: LoopDraft): Set<GraphStep> {
  const body = new Set([target, ...sources]);
  for (const step of body) {
    if (step === target) continue;
    for (const edge of step.incoming) body.add(edge.from);
  }
  return body;
}

function reportForward(loop: LoopDraft, bodies: Bodies, problems: ProblemList): void {
  const { body } = bodies;
  const reached = new Set([loop.target]);
  for (const step of reached)
    for (const { to, loop: isLoop } of step.outgoing) if (to && !isLoop && body.has(to)) reached.add(to);
  for (const { edge, index } of loop.edges) {
    if (reached.has(edge.from)) continue;
    const params = { from: edge.from.name, to: loop.target.name };
    problems.add('LOOP_FORWARD', { path: ['edges', index], params });
  }
  if (loop.sources.every((source) => reached.has(source))) reportEntries(loop, bodies, problems);
}

/** A step of a body other than its target that is reached from outside, or begins by itself. */
function reportEntries(loop: LoopDraft, bodies: Bodies, problems: ProblemList): void {
  for (const step of loop.body) {
    if (step === loop.target) continue;
    const from = entryOf(step, bodies);
    if (from === undefined) continue;
    const params = { step: step.name, target: loop.target.name, from };
    problems.add('LOOP_ENTRY', { path: ['steps', step.name], params });
  }
}

/** Whatever leads on to a source is part of the body, so only a start or the edge of another loop can come from outside. */
function entryOf(step: GraphStep, { body, byTarget }: Bodies): string | undefined {
  if (step.incoming.length === 0) return 'the start';
  const foreign = byTarget.get(step)?.sources.find((source) => !body.has(source));
  return foreign === undefined ? undefined : `"${foreign.name}"`;
}

/** Once every body is right: how loops nest, and which edges wait for which of them. */
export function nestLoops(loops: readonly LoopDraft[], steps: readonly GraphStep[]): void {
  const around = new Map<GraphStep, LoopDraft[]>();
  const bySize = loops.toSorted((a, b) => a.body.length - b.body.length);
  for (const loop of bySize)
    for (const step of loop.body) around.set(step, [...(around.get(step) ?? []), loop]);
  for (const step of steps) step.loops = around.get(step) ?? [];
  const targets = new Map(loops.map((loop) => [loop.target, loop]));
  for (const loop of loops) {
    loop.inner = loop.body.flatMap((step) => targets.get(step) ?? []).filter((other) => other !== loop);
    const near = loop.sources.flatMap((source) => source.loops.slice(0, source.loops.indexOf(loop)));
    loop.waitsFor = [...new Set(near)];
  }
  for (const [step, own] of around) markExits(step, own);
}

function markExits(step: GraphStep, loops: readonly LoopDraft[]): void {
  for (const edge of [...step.outgoing, step.ending]) {
    if (edge.loop) continue;
    const left = loops.filter((loop) => !edge.to?.loops.includes(loop));
    edge.leaves = left;
    for (const loop of left) loop.exits.push(edge);
  }
}
