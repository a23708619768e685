/** The processes of a world: one for each slot of the plan and a client, killed, stopped, replaced, rolled out anew. */
import { type Engine, pawl } from 'pawl';
import type { Chance } from '../plan/chance.ts';
import type { At, Fault, Plan } from '../plan/plan.ts';
import { WorldClock } from './clock.ts';
import { type CallFault, type FaultyFate, faultyStore, type StoreCall } from './faulty-store.ts';
import type { Ground } from './ground.ts';
import { Process, type ProcessSetup } from './process.ts';
import type { Scheduler } from './scheduler.ts';
import type { Trace } from './trace.ts';
import type { Wire } from './wire.ts';
import { probeKind } from './graphs.ts';
import { type Code, FIRST_CODE, type Hands, workflowsOf } from './workflows.ts';

const BROKEN_MS = 9_000;
const AWAY: CallFault = { type: 'away', at: { slot: 0, on: 'call', count: 0 }, calls: 1 };

interface Slot {
  process: Process;
  engine: Engine | undefined;
  lives: number;
  /** Calls of the store by all its processes. */
  readonly counts: Record<At['on'], number>;
  away: number;
  /** What the next process of the slot runs. */
  code: Code;
  /** What the present one runs: while it drains, another may be rolled out already. */
  readonly running: Code;
}

export interface MachinesSetup {
  readonly plan: Plan;
  readonly chance: Chance;
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly ground: Ground;
  readonly wire: Wire;
  readonly storeClock: WorldClock;
  readonly handsOf: (process: Process) => Hands;
  readonly onLog: ProcessSetup['onLog'];
  /** Other code is rolled out. */
  readonly onDeploy: (code: Extract<Fault, { type: 'deploy' }>['code']) => void;
}

export class Machines implements FaultyFate {
  readonly #setup: MachinesSetup;
  readonly #slots = new Map<number, Slot>();
  readonly #clocks = new Map<number, WorldClock>();
  #crashes = 0;
  #isCalm = false;
  #isCodeRight = true;
  #wasBroken = false;

  constructor(setup: MachinesSetup) {
    this.#setup = setup;
  }

  get crashes(): number {
    return this.#crashes;
  }

  /** Whether no process runs wrong code. */
  get isCodeRight(): boolean {
    return this.#isCodeRight;
  }

  get wasBroken(): boolean {
    return this.#wasBroken;
  }

  /** The code that a process runs; undefined where it was replaced. */
  codeOf(process: unknown): Code | undefined {
    return [...this.#slots.values()].find((slot) => slot.process === process)?.running;
  }

  begin(): void {
    const { plan } = this.#setup;
    this.#boot(-1);
    for (const slot of plan.slots.keys()) this.#boot(slot);
    for (const fault of plan.faults) this.#schedule(fault);
  }

  /** An engine that somebody can reach now. */
  reach(): { readonly process: Process; readonly engine: Engine } | undefined {
    const open = [...this.#slots.values()].filter((slot) => slot.engine && slot.process.state === 'up');
    const slot = open.length === 0 ? undefined : this.#setup.chance.pick(open);
    return slot?.engine && { process: slot.process, engine: slot.engine };
  }

  /** A process of a slot; -2 is the observer's. */
  process(slot: number, life: number): Process {
    const clock =
      this.#clocks.get(slot) ??
      new WorldClock(this.#setup.scheduler, this.#setup.plan.slots[slot] ?? { offsetMs: 0, rate: 1 });
    this.#clocks.set(slot, clock);
    return new Process({
      seed: this.#setup.plan.seed,
      slot,
      life,
      clock,
      scheduler: this.#setup.scheduler,
      onLog: this.#setup.onLog,
    });
  }

  /** Starts the process of a slot, unless one runs. */
  #boot(slot: number): void {
    const known = this.#slots.get(slot);
    if (known && known.process.state !== 'dead') return;
    const lives = known?.lives ?? 0;
    const one: Slot = {
      counts: known?.counts ?? { call: 0, commit: 0, start: 0, beat: 0, task: 0 },
      away: 0,
      code: known?.code ?? FIRST_CODE,
      running: known?.code ?? FIRST_CODE,
      lives: lives + 1,
      process: this.process(slot, lives),
      engine: undefined,
    };
    this.#slots.set(slot, one);
    void this.#open(one);
  }

  async #open(slot: Slot): Promise<void> {
    const { process } = slot;
    const store = faultyStore({
      reached: await this.#setup.ground.reach(process),
      process,
      wire: this.#setup.wire,
      fate: this,
    });
    const { evictAfterMs, attemptSlots, runs, programs, slots } = this.#setup.plan;
    const served = slots[process.slot]?.queues;
    const queues = served === undefined ? {} : { queues: served };
    try {
      const hands = this.#setup.handsOf(process);
      slot.engine = await pawl.open({
        store,
        workflows: workflowsOf(programs, slot.running, hands),
        kinds: [probeKind(hands)],
        platform: process.platform,
        worker:
          process.slot === -1 ? false : { evictAfter: evictAfterMs, slots: attemptSlots, runs, ...queues },
      });
    } catch {
      process.kill(); // it could not begin: tried again
      this.#setup.scheduler.in(500, 'boot', () => this.#boot(process.slot));
    }
  }

  #schedule(fault: Fault): void {
    if (!('atMs' in fault)) return;
    this.#setup.scheduler.in(fault.atMs, fault.type, () => {
      if (this.#isCalm) return;
      if (fault.type === 'freeze') this.#freeze(fault.slot, fault.forMs);
      if (fault.type === 'jump')
        (fault.slot === -1 ? this.#setup.storeClock : this.#clocks.get(fault.slot))?.jump(fault.byMs);
      if (fault.type === 'restart') this.#restart(fault.slot, true);
      if (fault.type === 'deploy') this.#deploy(fault);
    });
  }

  #freeze(slot: number, forMs: number): void {
    const process = this.#slots.get(slot)?.process;
    if (process) this.stop(process, forMs);
  }

  #restart(number: number, isGraceful: boolean): void {
    const slot = this.#slots.get(number);
    if (!slot || slot.process.state === 'dead') return;
    const { process } = slot;
    const replace = (): void => {
      if (process.state === 'dead') return;
      process.kill();
      this.#boot(number);
    };
    if (!isGraceful || !slot.engine || process.state === 'stopped') {
      this.#crashes++;
      return replace();
    }
    void slot.engine.close({ timeout: '1s' }).then(replace, replace);
    slot.engine = undefined;
    this.#setup.scheduler.in(5_000, 'replace', replace);
  }

  #deploy({ code, isGraceful }: Extract<Fault, { type: 'deploy' }>): void {
    this.#setup.onDeploy(code);
    for (const [number, slot] of this.#slots) {
      if (number === -1) continue;
      if (code === 'patched') slot.code = { ...FIRST_CODE, isPatched: true };
      if (code === 'version') slot.code = { ...FIRST_CODE, version: '2' };
      if (code === 'apart' && number % 2 === 1)
        slot.code = { ...FIRST_CODE, version: '2', isCompatible: false };
      if (code === 'broken') slot.code = { ...FIRST_CODE, isBroken: true };
      this.#restart(number, isGraceful && code !== 'patched');
    }
    if (code !== 'broken') return;
    this.#isCodeRight = false;
    this.#wasBroken = true;
    this.#setup.scheduler.in(BROKEN_MS, 'deploy', () => this.#mend());
  }

  /** The right code comes again. */
  #mend(): void {
    for (const [number, slot] of this.#slots) {
      if (number === -1 || !slot.code.isBroken) continue;
      slot.code = FIRST_CODE;
      this.#restart(number, false);
    }
    this.#isCodeRight = true;
  }

  /** From here on nothing goes wrong any more. */
  calm(): void {
    this.#isCalm = true;
    this.#setup.storeClock.correct();
    for (const clock of this.#clocks.values()) clock.correct();
    for (const [number, slot] of this.#slots) {
      slot.process.wake();
      if (!slot.code.isCompatible) {
        slot.code = { ...FIRST_CODE, version: '2' };
        this.#restart(number, false);
      }
      this.#boot(number);
    }
  }

  faultAt(process: Process, call: StoreCall): CallFault | undefined {
    const slot = this.#slots.get(process.slot);
    if (!slot || process.slot < 0) return undefined;
    const kinds = kindsOf(call);
    for (const kind of kinds) slot.counts[kind]++;
    const fault = this.#isCalm ? undefined : this.#setup.plan.faults.find((one) => isAt(one, slot, kinds));
    this.#setup.trace.add(this.#setup.scheduler.nowMs, process.name, `${call.name} ${fault?.type ?? ''}`);
    if (fault?.type === 'away') slot.away = fault.calls;
    if (slot.away > 0 && !this.#isCalm) {
      slot.away--;
      return AWAY;
    }
    return fault?.type === 'away' ? undefined : (fault as CallFault | undefined);
  }

  die(process: Process, { restartMs }: Extract<Fault, { type: 'kill' }>): void {
    if (process.state === 'dead') return;
    this.#crashes++;
    process.kill();
    this.#setup.trace.add(this.#setup.scheduler.nowMs, process.name, 'dies');
    this.#setup.scheduler.in(restartMs, 'boot', () => this.#boot(process.slot));
  }

  stop(process: Process, forMs: number): void {
    if (process.state !== 'up' || this.#isCalm) return;
    process.stop();
    this.#setup.trace.add(this.#setup.scheduler.nowMs, process.name, 'stops');
    this.#setup.scheduler.in(forMs, 'wake', () => process.wake());
  }
}

function kindsOf({ name, batches }: StoreCall): readonly At['on'][] {
  if (name === 'beat') return ['call', 'beat'];
  if (name === 'claimTasks') return ['call', 'task'];
  if (name !== 'commit') return ['call'];
  const hasStart = batches.some(({ events }) => events.some(({ type }) => type === 'step.started'));
  return hasStart ? ['call', 'commit', 'start'] : ['call', 'commit'];
}

/** Whether a fault strikes at this call of a slot. */
function isAt(fault: Fault, slot: Slot, kinds: readonly At['on'][]): boolean {
  if (!('at' in fault) || fault.at.slot !== slot.process.slot) return false;
  const { on, count } = fault.at;
  return kinds.includes(on) && count === slot.counts[on];
}
