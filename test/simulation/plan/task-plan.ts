/** Worlds of tasks: steps of a kind wait for workers of their queue, and processes serve different queues. */
import { type Chance, chanceOf } from './chance.ts';
import { makePlan } from './make-plan.ts';
import type { Op, TaskPlan } from './op.ts';
import type { Act, Fault, Plan, SlotPlan } from './plan.ts';

/** `general` is the queue of steps that name none. */
const QUEUES: readonly string[] = ['general', 'left', 'right'];

/** What a process serves; undefined: all queues. */
const SERVED: readonly (readonly string[] | undefined)[] = [
  undefined,
  [],
  [],
  ['general'],
  ['left'],
  ['right', 'general'],
  ['left', 'right'],
];

/** The world of a seed, with tasks in the place of many of its steps. */
export function makeTaskPlan(seed: number): Plan {
  const plan = makePlan(seed);
  const chance = chanceOf(seed, 'tasks');
  const programs = plan.programs.map(({ ops, ...program }) => {
    const graph: Op = { type: 'graph', id: 'g1', shape: chance.below(64) };
    const tasks = ops.map((op) => withTasks(chance, op));
    return { ...program, ops: chance.is(0.2) ? [...tasks, graph] : tasks };
  });
  const hasRaces = JSON.stringify(programs).includes('"race"'); // a loser that works on keeps its slot
  const slots = withQueues(chance, plan.slots);
  return {
    ...plan,
    programs,
    slots,
    faults: [...plan.faults, ...faultsAtClaims(chance, slots.length)],
    acts: chance.is(0.3) ? [...plan.acts, act(chance, programs.length)] : plan.acts,
    attemptSlots: hasRaces ? 100 : chance.pick([1, 1, 2, 100]),
    runs: Math.max(plan.runs, 100),
  };
}

/** Every queue is served by somebody. */
function withQueues(chance: Chance, given: readonly SlotPlan[]): readonly SlotPlan[] {
  const slots = given.length === 1 && chance.is(0.8) ? [...given, { offsetMs: 0, rate: 1 }] : given;
  const drawn = slots.map((slot): SlotPlan => {
    const queues = chance.pick(SERVED);
    return queues === undefined ? slot : { ...slot, queues };
  });
  const isServed = (queue: string): boolean => drawn.some(({ queues }) => queues?.includes(queue) ?? true);
  if (QUEUES.every((queue) => isServed(queue))) return drawn;
  const open = chance.below(drawn.length);
  return drawn.map((slot, index) => (index === open ? { offsetMs: slot.offsetMs, rate: slot.rate } : slot));
}

/** The process that claims a task dies, sleeps or gets no answer at it. */
function faultsAtClaims(chance: Chance, slots: number): readonly Fault[] {
  const at = (): { readonly slot: number; readonly on: 'task'; readonly count: number } => ({
    slot: chance.below(slots),
    on: 'task',
    count: chance.from(2, 14),
  });
  const forMs = chance.pick([200, 9_000, 45_000, 75_000]);
  const statements = chance.from(1, 8);
  const draws: readonly (() => Fault)[] = [
    () => ({ type: 'kill', at: at(), place: 'after', statements, restartMs: chance.pick([1, 50, 4_000]) }),
    () => ({ type: 'kill', at: at(), place: 'inside', statements, restartMs: 50 }),
    () => ({ type: 'stop', at: at(), place: 'after', forMs }),
    () => ({ type: 'unknown', at: at(), fate: chance.pick(['landed', 'dropped']) }),
    () => ({ type: 'kill', at: { ...at(), on: 'start' }, place: 'after', statements, restartMs: 700 }),
    () => ({ type: 'stop', at: { ...at(), on: 'start', count: chance.from(1, 4) }, place: 'after', forMs }),
  ];
  return Array.from({ length: chance.pick([0, 1, 1, 2]) }, () => chance.pick(draws)());
}

function act(chance: Chance, programs: number): Act {
  const target = { program: chance.below(programs), atMs: chance.below(1_500) };
  if (chance.is(0.5)) return { type: 'cancel', ...target };
  return { type: 'pause', ...target, forMs: chance.pick([10, 900, 8_000]) };
}

function withTasks(chance: Chance, op: Op): Op {
  const inner = (ops: readonly Op[]): Op[] => ops.map((one) => withTasks(chance, one));
  switch (op.type) {
    case 'step':
    case 'once':
      return chance.is(0.7) ? { ...op, task: taskOf(chance, op) } : op;
    case 'rivals':
      return chance.is(0.7) ? { ...op, task: placeOf(chance) } : op;
    case 'race':
      return { ...op, branch: inner(op.branch), ...(chance.is(0.7) ? { task: placeOf(chance) } : {}) };
    case 'all':
    case 'parallel':
    case 'settled':
      return { ...op, branches: op.branches.map(inner) };
    case 'map':
    case 'child':
      return { ...op, body: inner(op.body) };
    default:
      return op;
  }
}

function placeOf(chance: Chance): TaskPlan {
  const queue = chance.pick([undefined, undefined, 'left', 'left', 'right']);
  return {
    ...(queue === undefined ? {} : { queue }),
    ...(chance.is(0.5) ? { isDispatched: true } : {}),
  };
}

/** A timeout is one that always strikes; a deadline may. */
function taskOf(chance: Chance, { id, ms }: { readonly id: string; readonly ms: number }): TaskPlan {
  const hasTimeout = ms >= 40 && ms < 1_000 && chance.is(0.3);
  const hasDeadline = id !== 'begin' && id !== 'o99' && chance.is(0.25);
  return {
    ...placeOf(chance),
    ...(hasTimeout ? { timeoutMs: 15 } : {}),
    ...(hasDeadline ? { deadlineMs: chance.pick([4, 30, 60, 400, 3_000]) } : {}),
    ...(chance.is(0.3) ? { shows: true } : {}),
  };
}
