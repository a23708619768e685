/** The flow of a run: which steps are pending, going on or settled, and what each end makes of the others. */
import type { Graph, GraphEdge, GraphLoop, GraphStep } from '../graph/index.ts';
import { losersOf } from './cancel.ts';
import type { EdgeVerdict } from './edges.ts';
import { judgeJoin } from './join.ts';
import { Loops } from './loop.ts';

export type Standing = 'pending' | 'going' | 'ended' | 'skipped' | 'cancelled';

/** What one end has changed, in the order in which it came about. */
export interface FlowChange {
  readonly started: readonly Started[];
  /** Visits that were going on and are not wanted any more. */
  readonly cancelled: readonly GraphStep[];
}

export interface Started {
  readonly step: GraphStep;
  /** From 1, counted over the whole run. */
  readonly visit: number;
  /** Its join can never be met: how many edges were taken. */
  readonly unmet?: number;
}

interface Place {
  standing: Standing;
  pending: number;
  taken: number;
  visits: number;
  /** That lead to steps, and not back. */
  readonly edgesOn: number;
}

interface Arrival {
  readonly edge: GraphEdge;
  readonly isTaken: boolean;
  readonly isGood: boolean;
}

/** pending → going → ended, or skipped, or cancelled; a loop makes the steps of its body pending again. */
export class Flow {
  readonly #graph: Graph;
  readonly #places: readonly Place[];
  readonly #loops: Loops;
  /** Edges that leave loops which are not over, as they were resolved. */
  readonly #held = new Map<GraphEdge, Arrival>();
  readonly #work: Arrival[] = [];
  #started: Started[] = [];
  #cancelled: GraphStep[] = [];
  #unsettled: number;
  #goodEnds = 0;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#loops = new Loops(graph.loops);
    this.#places = graph.steps.map(({ incoming, outgoing }) => ({
      standing: 'pending',
      pending: incoming.length,
      taken: 0,
      visits: 0,
      edgesOn: outgoing.filter(({ to, loop }) => to && !loop).length,
    }));
    this.#unsettled = graph.steps.length - graph.finalizers.length;
  }

  /** Steps that have not settled. */
  get unsettled(): number {
    return this.#unsettled;
  }

  /** Paths that ended with a good label. */
  get goodEnds(): number {
    return this.#goodEnds;
  }

  standingOf(step: GraphStep): Standing {
    return this.#place(step).standing;
  }

  mayLoop(edge: GraphEdge): boolean {
    return edge.loop === undefined || this.#loops.mayVisit(edge.loop.of, edge.loop.max);
  }

  begin(): FlowChange {
    for (const step of this.#graph.start) this.#enter(step);
    return this.#change();
  }

  /** The visit of a step has ended, and its edges are resolved. */
  end(step: GraphStep, verdict: Extract<EdgeVerdict, { type: 'loop' | 'taken' }>): FlowChange {
    this.#place(step).standing = 'ended';
    this.#unsettled--;
    if (verdict.type === 'loop') this.#again(verdict.edge);
    else this.#settle(step, verdict.edges, verdict.isGood);
    this.#drain();
    return this.#change();
  }

  #place(step: GraphStep): Place {
    return this.#places[step.index] as Place;
  }

  #change(): FlowChange {
    const change = { started: this.#started, cancelled: this.#cancelled };
    this.#started = [];
    this.#cancelled = [];
    return change;
  }

  #enter(step: GraphStep, unmet?: number): void {
    this.#loops.entered(step);
    this.#start(step, unmet);
  }

  #start(step: GraphStep, unmet?: number): void {
    const place = this.#place(step);
    place.standing = 'going';
    place.visits++;
    this.#started.push({ step, visit: place.visits, ...(unmet === undefined ? {} : { unmet }) });
  }

  /** Resolves the edges of a step that has settled; what it leaves open in its loops is now closed. */
  #settle(step: GraphStep, taken: ReadonlySet<GraphEdge>, isGood: boolean): void {
    for (const edge of [...step.outgoing, step.ending]) {
      if (edge.loop) continue;
      const arrival = { edge, isTaken: taken.has(edge), isGood };
      if (this.#mayAct(edge)) this.#work.push(arrival);
      else this.#held.set(edge, arrival);
    }
    for (const loop of this.#loops.settled(step)) for (const edge of loop.exits) this.#release(edge);
  }

  #mayAct({ leaves }: GraphEdge): boolean {
    return leaves.every((loop) => this.#loops.isOver(loop));
  }

  #release(edge: GraphEdge): void {
    const arrival = this.#held.get(edge);
    if (!arrival || !this.#mayAct(edge)) return;
    this.#held.delete(edge);
    this.#work.push(arrival);
  }

  /** One after the other, for a dead path may be ten thousand steps long. */
  #drain(): void {
    for (let next = 0; next < this.#work.length; next++) this.#arrive(this.#work[next] as Arrival);
    this.#work.length = 0;
  }

  #arrive({ edge, isTaken, isGood }: Arrival): void {
    const { to } = edge;
    if (!to) {
      if (isTaken && isGood) this.#goodEnds++;
      return;
    }
    const place = this.#place(to);
    place.pending--;
    if (isTaken) place.taken++;
    if (place.standing === 'pending') this.#judge(to, place);
  }

  #judge(step: GraphStep, place: Place): void {
    const verdict = judgeJoin(step.join, place);
    if (verdict === 'wait') return;
    if (verdict === 'skip') this.#close(step, 'skipped');
    else this.#enter(step, verdict === 'unmet' ? place.taken : undefined);
    if (verdict === 'run' && step.join !== 'all' && step.join.cancelsLosers) this.#cancelLosers(step);
  }

  #close(step: GraphStep, standing: 'skipped' | 'cancelled'): void {
    this.#place(step).standing = standing;
    this.#unsettled--;
    this.#settle(step, NONE, false);
  }

  #cancelLosers(join: GraphStep): void {
    const losers = losersOf(join, {
      has: (step) => isUnfinished(this.standingOf(step)),
      edgesOn: (step) => this.#place(step).edgesOn,
    });
    const going = [...losers].filter((step) => this.standingOf(step) === 'going');
    this.#cancelled.push(...going);
    for (const step of losers) this.#close(step, 'cancelled');
  }

  /** The body starts anew: what is open in it is cancelled, what its edges said is forgotten. */
  #again(edge: GraphEdge): void {
    const loop = edge.loop?.of as GraphLoop;
    const settled = loop.body.filter((step) => !isUnfinished(this.standingOf(step)));
    this.#unsettled += settled.length;
    for (const step of loop.body) {
      const place = this.#place(step);
      if (place.standing === 'going') this.#cancelled.push(step);
      place.standing = 'pending';
      place.pending = step.incoming.length;
      place.taken = 0;
      for (const exit of [...step.outgoing, step.ending]) this.#held.delete(exit);
    }
    this.#loops.again(
      loop,
      settled.filter((step) => step !== edge.from), // it ended by looping, and so has not counted as settled
    );
    this.#start(loop.target);
  }
}

const NONE: ReadonlySet<GraphEdge> = new Set();

function isUnfinished(standing: Standing): boolean {
  return standing === 'pending' || standing === 'going';
}
