/** A second interpreter of graphs, slow and written from the rules of the format alone: what the driver is compared with. */

export interface RefEdge {
  readonly from: string;
  readonly to: string;
  /** Undefined: good labels. */
  readonly on?: string | readonly string[];
  readonly when?: string;
  readonly else?: true;
  readonly loop?: { readonly max: number };
}

/** A list, and how many good items make an end of it. */
export interface RefMap {
  readonly items: number;
  readonly concurrency: number;
  readonly strategy: 'all' | 'first' | 'quorum' | 'minSuccess';
  readonly minSuccess?: number;
}

export interface RefStep {
  readonly map?: RefMap;
  readonly join?: 'all' | 'any' | { readonly count: number; readonly losers?: 'continue' | 'cancel' };
}

export interface RefGraph {
  readonly steps: Readonly<Record<string, RefStep>>;
  readonly edges: readonly RefEdge[];
}

const BAD = ['failed', 'rejected', 'expired', 'declined', 'cancelled', 'exhausted'];

interface Known {
  standing: 'pending' | 'going' | 'ended' | 'skipped' | 'cancelled';
  visits: number;
  /** Of the visit that ended: whether it ended by looping. */
  looped: boolean;
  /** Of a map that is going on. */
  items: ('waiting' | 'open' | 'good' | 'bad')[];
}

type Resolution = { readonly taken: boolean; readonly good: boolean };

export type RefEnd = 'completed' | 'OUTCOME_UNHANDLED' | 'NO_BRANCH' | 'NOTHING_REACHED' | 'deadlocked';

/** Everything is looked at again after every event, until nothing changes any more. */
export class Reference {
  readonly graph: RefGraph;
  readonly names: readonly string[];
  readonly known = new Map<string, Known>();
  readonly resolved = new Map<RefEdge, Resolution>();
  /** Paths that ended for want of an edge: resolved like an edge to the end. */
  readonly endings = new Map<string, RefEdge>();
  readonly bodies = new Map<string, ReadonlySet<string>>();
  readonly entered = new Map<string, number>();
  /** Steps that were started and end by themselves: their joins can never be met, or their lists are too short. */
  readonly given = new Map<string, string>();
  end: RefEnd | undefined;

  constructor(graph: RefGraph) {
    this.graph = graph;
    this.names = Object.keys(graph.steps);
    for (const name of this.names) {
      this.known.set(name, { standing: 'pending', visits: 0, looped: false, items: [] });
      this.endings.set(name, { from: name, to: 'end' });
    }
    for (const target of this.targets()) this.bodies.set(target, this.bodyOf(target));
    for (const name of this.names) if (this.incoming(name).length === 0) this.start(name, true);
    this.settle();
  }

  targets(): string[] {
    return [...new Set(this.graph.edges.filter((edge) => edge.loop).map((edge) => edge.to))];
  }

  sourcesOf(target: string): string[] {
    return [
      ...new Set(this.graph.edges.filter((edge) => edge.loop && edge.to === target).map((edge) => edge.from)),
    ];
  }

  incoming(name: string): RefEdge[] {
    return this.graph.edges.filter((edge) => edge.to === name && !edge.loop);
  }

  outgoing(name: string): RefEdge[] {
    return this.graph.edges.filter((edge) => edge.from === name);
  }

  /** The target, and every step from which one of its sources is reached without passing the target. */
  bodyOf(target: string): Set<string> {
    const body = new Set([target]);
    const reaches = (from: string, seen: Set<string>): boolean => {
      if (this.sourcesOf(target).includes(from)) return true;
      if (seen.has(from)) return false;
      seen.add(from);
      return this.outgoing(from).some(
        (edge) => !edge.loop && edge.to !== 'end' && edge.to !== target && reaches(edge.to, seen),
      );
    };
    for (const name of this.names) if (name === target || reaches(name, new Set())) body.add(name);
    return body;
  }

  of(name: string): Known {
    return this.known.get(name) as Known;
  }

  get going(): string[] {
    return this.names.filter((name) => this.of(name).standing === 'going').sort();
  }

  /** Steps, and items of maps as `step/index`, that somebody works on. */
  get open(): string[] {
    return this.going
      .flatMap((name) => {
        const { items } = this.of(name);
        if (items.length === 0) return [name];
        return items.flatMap((item, index) => (item === 'open' ? [`${name}/${index}`] : []));
      })
      .sort();
  }

  neededOf({ strategy, items, minSuccess }: RefMap): number {
    if (strategy === 'all') return items;
    if (strategy === 'first') return 1;
    return minSuccess ?? Math.floor(items / 2) + 1;
  }

  startItems(name: string, map: RefMap): void {
    const known = this.of(name);
    if (map.items < this.neededOf(map)) this.given.set(name, 'failed');
    else if (map.items === 0) this.given.set(name, 'ok');
    else known.items = Array.from({ length: map.items }, () => 'waiting');
    this.openItems(name, map);
  }

  openItems(name: string, { concurrency }: RefMap): void {
    const { items } = this.of(name);
    for (const [index, item] of items.entries()) {
      const isFull = items.filter((other) => other === 'open').length >= concurrency;
      if (item === 'waiting' && !isFull) items[index] = 'open';
    }
  }

  /** The label of the whole map, where this was the last item that it needed. */
  endItem(name: string, index: number, label: string): string | undefined {
    const { items } = this.of(name);
    const map = this.graph.steps[name]?.map as RefMap;
    items[index] = BAD.includes(label) ? 'bad' : 'good';
    const bad = items.filter((item) => item === 'bad').length;
    const good = items.filter((item) => item === 'good').length;
    const isImpatient = map.strategy === 'first' || map.strategy === 'quorum';
    const isEnough = good >= this.neededOf(map) && (isImpatient || good + bad === items.length);
    const isHopeless = items.length - bad < this.neededOf(map);
    this.openItems(name, map);
    if (!isEnough && !isHopeless) return undefined;
    this.of(name).items = [];
    if (isHopeless) return 'failed';
    return bad > 0 ? 'partial' : 'ok';
  }

  start(name: string, isEntry: boolean): void {
    const known = this.of(name);
    known.standing = 'going';
    const map = this.graph.steps[name]?.map;
    if (map) this.startItems(name, map);
    known.visits++;
    if (this.bodies.has(name)) this.entered.set(name, isEntry ? 1 : (this.entered.get(name) ?? 0) + 1);
  }

  isOver(target: string): boolean {
    return this.sourcesOf(target).every((source) => {
      const { standing, looped } = this.of(source);
      const hasSettled = ['ended', 'skipped', 'cancelled'].includes(standing) && !looped;
      return hasSettled && this.innerAround(source, target).every((inner) => this.isOver(inner));
    });
  }

  innerAround(step: string, outer: string): string[] {
    const body = this.bodies.get(outer) as ReadonlySet<string>;
    return [...this.bodies]
      .filter(([target, own]) => target !== outer && own.has(step) && own.size < body.size)
      .map(([target]) => target);
  }

  /** Undefined while it is pending, or held by a loop that is not over. */
  arrived(edge: RefEdge): Resolution | undefined {
    const resolution = this.resolved.get(edge);
    const left = [...this.bodies].filter(([, body]) => body.has(edge.from) && !body.has(edge.to));
    return left.every(([target]) => this.isOver(target)) ? resolution : undefined;
  }

  /** The visit of a step has ended with this label. */
  finish(name: string, label: string, truths: (when: string) => boolean): void {
    const chosen = this.choose({ name, label }, truths, () => true);
    const isSpent = (edge: RefEdge): boolean =>
      edge.loop !== undefined && (this.entered.get(edge.to) ?? 0) >= edge.loop.max;
    if (chosen.taken.some(isSpent)) {
      this.conclude(
        name,
        'exhausted',
        this.choose({ name, label: 'exhausted' }, truths, (edge) => !isSpent(edge)),
      );
    } else this.conclude(name, label, chosen);
    this.settle();
  }

  choose(
    { name, label }: { name: string; label: string },
    truths: (when: string) => boolean,
    isCandidate: (edge: RefEdge) => boolean,
  ): { named: RefEdge[]; taken: RefEdge[] } {
    const named = this.outgoing(name).filter((edge) => {
      const on = typeof edge.on === 'string' ? [edge.on] : edge.on;
      const isNamed = on === undefined ? !BAD.includes(label) : on.includes('*') || on.includes(label);
      return isNamed && isCandidate(edge);
    });
    const taken = named.filter((edge) => (edge.when === undefined ? !edge.else : truths(edge.when)));
    return { named, taken: taken.length > 0 ? taken : named.filter((edge) => edge.else) };
  }

  conclude(name: string, label: string, { named, taken }: { named: RefEdge[]; taken: RefEdge[] }): void {
    const known = this.of(name);
    known.standing = 'ended';
    known.looped = false;
    const loops = taken.filter((edge) => edge.loop);
    const size = (edge: RefEdge): number => (this.bodies.get(edge.to) as ReadonlySet<string>).size;
    const [outermost] = loops.sort((a, b) => size(b) - size(a));
    if (outermost) return this.again(outermost.to);
    if (taken.length === 0 && named.some((edge) => !edge.loop)) this.end = 'NO_BRANCH';
    else if (taken.length === 0 && BAD.includes(label)) this.end = 'OUTCOME_UNHANDLED';
    const good = !BAD.includes(label);
    for (const edge of this.outgoing(name))
      if (!edge.loop) this.resolved.set(edge, { taken: taken.includes(edge), good });
    this.resolved.set(this.endings.get(name) as RefEdge, { taken: taken.length === 0, good });
  }

  again(target: string): void {
    for (const name of this.bodies.get(target) as ReadonlySet<string>) {
      const known = this.of(name);
      known.standing = 'pending';
      known.looped = false;
      known.items = [];
      this.given.delete(name);
      for (const edge of this.outgoing(name)) this.resolved.delete(edge);
      this.resolved.delete(this.endings.get(name) as RefEdge);
    }
    this.start(target, false);
  }

  settle(): void {
    if (this.end) return;
    while (this.names.some((name) => this.of(name).standing === 'pending' && this.judge(name)));
    if (this.going.length > 0) return;
    if (this.names.some((name) => this.of(name).standing === 'pending')) this.end = 'deadlocked';
    else this.end = this.hasGoodEnd() ? 'completed' : 'NOTHING_REACHED';
  }

  hasGoodEnd(): boolean {
    const ends = [...this.graph.edges.filter((edge) => edge.to === 'end'), ...this.endings.values()];
    return ends.some((edge) => {
      const arrived = this.arrived(edge);
      return arrived?.taken && arrived.good;
    });
  }

  /** Whether something became of it. */
  judge(name: string): boolean {
    const edges = this.incoming(name).map((edge) => this.arrived(edge));
    const pending = edges.filter((edge) => edge === undefined).length;
    const taken = edges.filter((edge) => edge?.taken).length;
    const { join = 'all' } = this.graph.steps[name] as RefStep;
    const needed = join === 'any' ? 1 : join === 'all' ? undefined : join.count;
    const isMet = needed === undefined ? pending === 0 && taken > 0 : taken >= needed;
    if (isMet) {
      this.start(name, true);
      if (typeof join === 'object' && join.losers === 'cancel') this.cancelLosers(name);
      return true;
    }
    if (pending > 0) return false;
    if (taken === 0) this.close(name, 'skipped');
    else {
      this.start(name, true);
      this.of(name).items = [];
      this.given.set(name, 'failed');
    }
    return true;
  }

  close(name: string, standing: 'skipped' | 'cancelled'): void {
    this.of(name).standing = standing;
    this.of(name).items = [];
    this.given.delete(name);
    for (const edge of [...this.outgoing(name), this.endings.get(name) as RefEdge])
      if (!edge.loop) this.resolved.set(edge, { taken: false, good: false });
  }

  /** Unfinished steps all of whose edges lead to the join or to losers; edges to the end are left aside. */
  cancelLosers(join: string): void {
    const unfinished = this.names.filter(
      (name) => name !== join && ['pending', 'going'].includes(this.of(name).standing),
    );
    let losers = unfinished.filter((name) => this.leadsTo(name, join, new Set()));
    for (let before = -1; before !== losers.length; ) {
      before = losers.length;
      const still = losers;
      losers = losers.filter((name) =>
        this.outgoing(name).every(({ to }) => to === 'end' || to === join || still.includes(to)),
      );
    }
    for (const name of losers) this.close(name, 'cancelled');
  }

  /** By unfinished steps only. */
  leadsTo(name: string, join: string, seen: Set<string>): boolean {
    if (seen.has(name)) return false;
    seen.add(name);
    return this.outgoing(name).some(({ to, loop }) => {
      if (loop || to === 'end') return false;
      if (to === join) return true;
      return ['pending', 'going'].includes(this.of(to).standing) && this.leadsTo(to, join, seen);
    });
  }
}
