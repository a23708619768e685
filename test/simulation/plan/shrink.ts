/** Makes a plan that breaks a rule smaller, as long as it goes on breaking it. */
import { type Op, partsOf } from './op.ts';
import type { Fault, Plan, Program } from './plan.ts';

/** Whether a plan breaks the same rule. */
export type Breaks = (plan: Plan) => Promise<boolean>;

/** Takes the first smaller plan that still breaks, again and again; at most so many are tried. */
export async function shrink(plan: Plan, breaks: Breaks, maxTries = 300): Promise<Plan> {
  let smallest = plan;
  let tries = 0;
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    for (const candidate of smallerPlans(smallest)) {
      if (++tries > maxTries) return smallest;
      if (!(await breaks(candidate))) continue;
      smallest = candidate;
      isSmaller = true;
      break;
    }
  }
  return smallest;
}

/** Plans with one thing less, the largest things first. */
function* smallerPlans(plan: Plan): Generator<Plan> {
  if (plan.programs.length > 1) for (const index of plan.programs.keys()) yield withoutProgram(plan, index);
  for (const index of plan.faults.keys()) yield { ...plan, faults: plan.faults.toSpliced(index, 1) };
  for (const index of plan.acts.keys()) yield { ...plan, acts: plan.acts.toSpliced(index, 1) };
  if (plan.slots.length > 1 && isServed(plan, plan.slots.slice(0, -1))) yield withoutSlot(plan);
  for (const [index, program] of plan.programs.entries())
    for (const smaller of smallerPrograms(program))
      yield { ...plan, programs: plan.programs.with(index, smaller) };
  yield* plainer(plan);
}

function withoutProgram(plan: Plan, index: number): Plan {
  const acts = plan.acts
    .filter((act) => act.program !== index)
    .map((act) => (act.program > index ? { ...act, program: act.program - 1 } : act));
  return { ...plan, programs: plan.programs.toSpliced(index, 1), acts };
}

function withoutSlot(plan: Plan): Plan {
  const slots = plan.slots.slice(0, -1);
  return {
    ...plan,
    slots,
    faults: plan.faults.filter((fault) => slotOf(fault) < slots.length),
  };
}

/** Whether every queue that somebody serves is served by one of these too. */
function isServed({ slots }: Plan, left: Plan['slots']): boolean {
  if (left.some(({ queues }) => queues === undefined)) return true;
  if (slots.some(({ queues }) => queues === undefined)) return false;
  return slots.every(({ queues = [] }) =>
    queues.every((one) => left.some((slot) => slot.queues?.includes(one))),
  );
}

function slotOf(fault: Fault): number {
  if ('slot' in fault) return fault.slot;
  return 'at' in fault ? fault.at.slot : -1;
}

function* smallerPrograms(program: Program): Generator<Program> {
  if (program.rounds > 0) yield { ...program, rounds: 0 };
  const { onCancelMs, ...plain } = program;
  if (onCancelMs !== undefined) yield plain;
  const [begin, ...rest] = program.ops;
  for (const ops of smallerLists(rest)) yield { ...program, ops: begin ? [begin, ...ops] : ops };
}

/** Lists with one operation less, or with what is inside of one in its place. */
function* smallerLists(ops: readonly Op[]): Generator<readonly Op[]> {
  for (const [index, op] of ops.entries()) {
    yield ops.toSpliced(index, 1);
    if (op.type !== 'child') for (const part of partsOf(op)) yield ops.toSpliced(index, 1, ...part);
    for (const smaller of smallerParts(op)) yield ops.with(index, smaller);
  }
}

function* smallerParts(op: Op): Generator<Op> {
  switch (op.type) {
    case 'all':
    case 'parallel':
    case 'settled':
      for (const [index, branch] of op.branches.entries())
        for (const ops of smallerLists(branch)) yield { ...op, branches: op.branches.with(index, ops) };
      return;
    case 'race':
      for (const branch of smallerLists(op.branch)) yield { ...op, branch };
      return;
    case 'map':
      if (op.items > 1) yield { ...op, items: op.items - 1 };
      for (const body of smallerLists(op.body)) yield { ...op, body };
      return;
    case 'child':
      if (op.rounds > 0) yield { ...op, rounds: 0 };
      for (const body of smallerLists(op.body)) yield { ...op, body };
      return;
    case 'step':
      if (op.failures > 0) yield { ...op, failures: 0 };
      if (op.tokens > 0) yield { ...op, tokens: 0 };
      return;
    case 'inbox':
      if (op.count > 1) yield { ...op, count: op.count - 1 };
      return;
    default:
  }
}

/** The same with fewer peculiarities of the world. */
function* plainer(plan: Plan): Generator<Plan> {
  if (plan.resendShare > 0) yield { ...plan, resendShare: 0 };
  if (plan.deafShare > 0) yield { ...plan, deafShare: 0 };
  if (plan.latencyMs > 0) yield { ...plan, latencyMs: 0 };
  if (plan.slots.some((slot) => slot.offsetMs !== 0 || slot.rate !== 1))
    yield { ...plan, slots: plan.slots.map((slot) => ({ ...slot, offsetMs: 0, rate: 1 })) };
  if (plan.attemptSlots < 100) yield { ...plan, attemptSlots: 100 };
  if (plan.runs < 100) yield { ...plan, runs: 100 };
}
