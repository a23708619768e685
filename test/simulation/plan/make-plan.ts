/** Draws the plan of a seed. */
import { type Chance, chanceOf } from './chance.ts';
import { names, type Op, partsOf, randomOps } from './op.ts';
import type { Act, At, Fault, Plan, Program, SlotPlan } from './plan.ts';

const CALLS = 90;
const COMMITS = 18;
const STARTS = 3;
const BEATS = 3;
/** A step that goes on while holders are judged by their silence. */
const LONG_MS: readonly number[] = [36_000, 60_000];
const SPAN_MS = 6_000;

/** What kind of a world it is: most have little of everything, some have one thing only. */
type Weather = 'kills' | 'stops' | 'clocks' | 'doubts' | 'mixed' | 'people' | 'deploys';
const WEATHERS: readonly Weather[] = [
  'kills',
  'kills',
  'stops',
  'clocks',
  'doubts',
  'mixed',
  'mixed',
  'people',
  'deploys',
];

export function makePlan(seed: number): Plan {
  const chance = chanceOf(seed, 'plan');
  const weather = chance.pick(WEATHERS);
  const slots = Array.from({ length: chance.pick([1, 2, 2, 2, 3, 4]) }, () => slotPlan(chance));
  const drawn = Array.from({ length: chance.pick([1, 1, 1, 2, 3]) }, () => program(chance));
  const isNapping = weather === 'stops' && chance.is(0.3);
  const long = chance.is(LONG_SHARE[weather] ?? 0.03) ? withLongStep(chance, drawn) : drawn;
  const programs = isNapping ? withOnceFirst(long) : long;
  const hasChildren = JSON.stringify(programs).includes('"child"');
  const hasRaces = JSON.stringify(programs).includes('"race"');
  const draws = { chance, slots: slots.length, programs: programs.length };
  return {
    seed,
    programs,
    slots,
    faults: [...(isNapping ? [nap(draws)] : []), ...faultsOf(weather, draws)],
    acts: actsOf(weather, draws),
    canProveDeath: chance.is(0.6),
    isRemote: chance.is(0.5),
    latencyMs: chance.pick([0, 0, 1, 2, 5, 30]),
    evictAfterMs: chance.pick([0, 20, 300, 2_000, 30_000]),
    attemptSlots: Math.max(chance.pick([1, 2, 100, 100]), hasRaces ? 100 : 1), // a loser that works on keeps its slot
    runs: hasChildren ? 100 : chance.pick([1, 3, 100, 100, 100]), // a parent that waits for its children's end keeps its place
    resendShare: chance.pick([0, 0.2, 0.5]),
    deafShare: chance.pick([0, 0, 0.3, 1]),
  };
}

/** The world of a seed, with graphs in the place of most of what its programs do. */
export function makeGraphPlan(seed: number): Plan {
  const plan = makePlan(seed);
  const chance = chanceOf(seed, 'graphs');
  const programs = plan.programs.map(({ ops, rounds: _rounds, ...program }): Program => {
    const graphs = Array.from({ length: chance.pick([1, 1, 2]) }, (_, index): Op => {
      return { type: 'graph', id: `g${index + 1}`, shape: chance.below(64) };
    });
    return { ...program, rounds: 0, ops: [...ops.slice(0, 1), ...graphs] };
  });
  return { ...plan, programs, runs: 100 };
}

/** The same programs in a world in which nothing goes wrong. */
export function calmPlan({ seed, programs }: Plan): Plan {
  return {
    seed,
    programs,
    slots: [{ offsetMs: 0, rate: 1 }],
    faults: [],
    acts: [],
    canProveDeath: true,
    isRemote: false,
    latencyMs: 0,
    evictAfterMs: 30_000,
    attemptSlots: 100,
    runs: 100,
    resendShare: 0,
    deafShare: 0,
  };
}

/** How often something goes on for long; mostly that only makes a world slow. */
const LONG_SHARE: Partial<Record<Weather, number>> = { stops: 0.4, doubts: 0.3, mixed: 0.1 };

/** The first program ends with a long step. */
function withLongStep(chance: Chance, [first, ...others]: readonly Program[]): readonly Program[] {
  if (!first) return others;
  const long: Op = {
    type: 'step',
    id: 'long',
    failures: 0,
    isHopeless: false,
    ms: chance.pick(LONG_MS),
    tokens: 0,
  };
  return [{ ...first, ops: [...first.ops, long], rounds: 0 }, ...others];
}

/** The first program begins with an at-most-once step. */
function withOnceFirst([first, ...others]: readonly Program[]): readonly Program[] {
  const [begin, ...rest] = first?.ops ?? [];
  if (!first || !begin) return others;
  const once: Op = { type: 'once', id: 'o99', reconciles: true, ms: 1 };
  return [{ ...first, ops: [begin, once, ...rest] }, ...others];
}

/** Its holder is stopped when its start is written, and wakes when another one may have asked what became of it. */
const nap: Draw = ({ chance, slots }) => ({
  type: 'stop',
  at: { slot: chance.below(slots), on: 'start', count: 1 },
  place: 'after',
  forMs: chance.pick([75_000, 110_000]),
});

function slotPlan(chance: Chance): SlotPlan {
  const isOff = chance.is(0.3);
  return {
    offsetMs: isOff ? chance.from(-2_000, 2_000) : 0,
    rate: isOff ? 1 + chance.from(-20, 20) / 1_000 : 1,
  };
}

function program(chance: Chance): Program {
  const naming = names();
  const first: Op = { type: 'step', id: 'begin', failures: 0, isHopeless: false, ms: 0, tokens: 1 };
  const foreign: Op[] = chance.is(0.15) ? [{ type: 'foreign', id: 'o0', ms: chance.pick([0, 2, 300]) }] : [];
  const ops = [first, ...foreign, ...randomOps(chance, naming, chance.pick([1, 2, 2, 3]))];
  return {
    ops: answered(budgeted(ops)),
    rounds: chance.is(0.15) ? chance.from(1, 2) : 0,
    ...(chance.is(0.4) ? { onCancelMs: chance.pick([0, 1, 60, 400]) } : {}),
    startAtMs: chance.below(200),
  };
}

/** A loser that works on keeps its run from parking: nobody could be asked about an at-most-once step beside it. */
function answered(ops: readonly Op[]): readonly Op[] {
  const text = JSON.stringify(ops);
  if (!text.includes('"race"')) return ops;
  return JSON.parse(text.replaceAll('"reconciles":false', '"reconciles":true')) as readonly Op[];
}

const MAX_OPS = 14;

/** A world of many operations is a slow one. */
function budgeted(ops: readonly Op[]): readonly Op[] {
  return countOps(ops) <= MAX_OPS ? ops : ops.slice(0, -1).length > 1 ? budgeted(ops.slice(0, -1)) : ops;
}

function countOps(ops: readonly Op[]): number {
  return ops.reduce((sum, op) => sum + 1 + partsOf(op).reduce((inner, part) => inner + countOps(part), 0), 0);
}

interface Draws {
  readonly chance: Chance;
  readonly slots: number;
  readonly programs: number;
}

type Draw = (draws: Draws) => Fault;

/** Most of what matters happens at commits, and much of it around starts. */
function at({ chance, slots }: Draws, commits: number): At {
  const slot = chance.below(slots);
  if (chance.is(0.3)) return { slot, on: 'start', count: chance.from(1, STARTS) };
  if (chance.is(commits)) return { slot, on: 'commit', count: chance.from(1, COMMITS) };
  return { slot, on: 'call', count: chance.from(3, CALLS) };
}

const kill: Draw = (draws) => ({
  type: 'kill',
  at: at(draws, 0.5),
  place: draws.chance.pick(['before', 'inside', 'after']),
  statements: draws.chance.from(1, 8),
  restartMs: draws.chance.pick([1, 50, 700, 4_000]),
});

const stop: Draw = (draws) => ({
  type: 'stop',
  at: at(draws, 0.7),
  place: draws.chance.pick(['before', 'after']),
  forMs: draws.chance.pick([200, 9_000, 36_000, 45_000, 75_000, 110_000, 110_000]),
});

const freeze: Draw = ({ chance, slots }) => ({
  type: 'freeze',
  slot: chance.below(slots),
  atMs: chance.below(SPAN_MS),
  forMs: chance.pick([500, 31_000, 45_000, 80_000]),
});

const doubt: Draw = (draws) => ({
  type: 'unknown',
  at: at(draws, 0.9),
  fate: draws.chance.pick(['landed', 'dropped', 'late', 'astray']),
});

/** A heartbeat among the calls that fail is one that others miss. */
const away: Draw = (draws) => {
  const { chance, slots } = draws;
  const isBeat = chance.is(0.3);
  return {
    type: 'away',
    at: isBeat ? { slot: chance.below(slots), on: 'beat', count: chance.from(1, BEATS) } : at(draws, 0.3),
    calls: chance.from(1, 8),
  };
};

const jump: Draw = ({ chance, slots }) => ({
  type: 'jump',
  slot: chance.from(-1, slots - 1),
  atMs: chance.below(SPAN_MS),
  byMs: chance.pick([-20_000, -1_000, 1_000, 40_000]),
});

const restart: Draw = ({ chance, slots }) => ({
  type: 'restart',
  slot: chance.below(slots),
  atMs: chance.below(SPAN_MS),
});

const ALL: readonly Draw[] = [kill, kill, kill, stop, freeze, doubt, doubt, away, jump, restart];

function faultsOf(weather: Weather, draws: Draws): readonly Fault[] {
  const { chance } = draws;
  const some = (most: number, draw: (draws: Draws) => Fault): Fault[] =>
    Array.from({ length: chance.from(1, most) }, () => draw(draws));
  switch (weather) {
    case 'kills':
      return some(chance.is(0.2) ? 12 : 4, kill);
    case 'stops':
      return [...some(2, chance.pick([stop, freeze])), ...(chance.is(0.3) ? some(1, kill) : [])];
    case 'clocks':
      return [...some(4, jump), ...(chance.is(0.3) ? some(1, kill) : [])];
    case 'doubts':
      return some(6, chance.pick([doubt, doubt, away]));
    case 'mixed':
      return some(6, (one) => one.chance.pick(ALL)(one));
    case 'people':
      return chance.is(0.5) ? some(2, kill) : [];
    case 'deploys':
      return [deploy(draws), ...(chance.is(0.5) ? some(3, kill) : [])];
  }
}

function deploy({ chance }: Draws): Fault {
  return {
    type: 'deploy',
    atMs: chance.below(2_000),
    code: chance.pick(['patched', 'patched', 'version', 'apart', 'broken']),
    isGraceful: chance.is(0.4),
  };
}

function actsOf(weather: Weather, { chance, programs }: Draws): readonly Act[] {
  const count = weather === 'people' ? chance.from(1, 3) : chance.is(0.15) ? 1 : 0;
  return Array.from({ length: count }, (): Act => {
    const target = { program: chance.below(programs), atMs: chance.below(3_000) };
    if (chance.is(0.5)) return { type: 'cancel', ...target };
    return { type: 'pause', ...target, forMs: chance.pick([10, 900, 8_000]) };
  });
}
