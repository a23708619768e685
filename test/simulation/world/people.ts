/** Everybody outside: who starts runs, sends messages, decides, cancels, pauses, and moves what is parked. They send again what nobody answered. */
import type { Engine } from 'pawl';
import { isTerminal, type RunStatus, type StoredEvent } from '../../../packages/pawl/src/run/index.ts';
import type { Chance } from '../plan/chance.ts';
import { type Op, partsOf } from '../plan/op.ts';
import type { Act, Plan } from '../plan/plan.ts';
import type { WatchedRun } from '../rules/watched-run.ts';
import type { Process } from './process.ts';
import type { Scheduler } from './scheduler.ts';
import { type ChildInput, nameOf, signalName } from './workflows.ts';

export interface PeopleWorld {
  readonly plan: Plan;
  readonly chance: Chance;
  readonly scheduler: Scheduler;
  /** An engine that somebody can reach now. */
  reach(): { readonly process: Process; readonly engine: Engine } | undefined;
  readonly runs: () => readonly WatchedRun[];
  /** Whether an at-most-once effect happened: asked about this attempt. */
  hasHappened(key: string, attempt: number): boolean;
  /** Whether runs that diverged may be resumed: the code is right again. */
  isCodeRight(): boolean;
}

/** A message that an engine said it had taken. */
export interface Accepted {
  readonly runId: string;
  readonly what: 'signal' | 'approval';
  readonly path: string;
  readonly value: string;
}

const AGAIN_MS = 4_000;
const ROUND_MS = 3_000;
/** Answers after which the same is sent again. */
const TRY_AGAIN: ReadonlySet<string> = new Set(['STORE_UNAVAILABLE', 'STORE_UNKNOWN', 'ENGINE_CLOSED']);

export class People {
  readonly #world: PeopleWorld;
  readonly accepted: Accepted[] = [];
  /** Messages that each run must get, by run. */
  readonly messages = new Map<string, string[]>();
  #open = 0;
  #count = 0;

  constructor(world: PeopleWorld) {
    this.#world = world;
  }

  /** Whether everything that they wanted was done, or refused. */
  get isDone(): boolean {
    return this.#open === 0;
  }

  begin(): void {
    const { plan } = this.#world;
    for (const [index, program] of plan.programs.entries())
      this.#at(program.startAtMs, (engine) =>
        engine.start(nameOf(index), { round: 0 }, { id: runIdOf(index) }),
      );
    for (const act of plan.acts) this.#plan(act);
    this.#round();
  }

  #plan(act: Act): void {
    const runId = runIdOf(act.program);
    if (act.type === 'cancel') return this.#at(act.atMs, (engine) => engine.cancel(runId, { by: 'ada' }));
    const dedupeId = this.#id();
    this.#at(act.atMs, (engine) => engine.pause(runId, { by: 'ada', dedupeId }));
    this.#at(act.atMs + act.forMs, (engine) =>
      engine.resume(runId, { by: 'ada', dedupeId: `${dedupeId}-over` }),
    );
  }

  /** Looks at what happened, and does something about it. */
  onEvent(run: WatchedRun, event: StoredEvent): void {
    if (event.type === 'run.created' && event.data.trigger.kind !== 'continued')
      this.#write(run, event.data.workflow);
    if (event.type === 'approval.requested') this.#decide(run, event);
  }

  /** All messages that a run wants, for all its rounds: early, late, in time. */
  #write(run: WatchedRun, workflow: string): void {
    const { plan, chance } = this.#world;
    const program = plan.programs[Number(workflow.slice(1))];
    const child = workflow === 'child' ? (JSON.parse(run.state.input) as ChildInput) : undefined;
    const ops = child?.body ?? program?.ops ?? [];
    const rounds = child?.rounds ?? program?.rounds ?? 0;
    const sent: string[] = [];
    for (let round = 0; round <= rounds; round++) {
      for (const { op, times } of inboxes(ops, 1)) {
        for (let index = 0; index < op.count * times; index++) {
          const value = `${op.id}-${round}-${index}`;
          sent.push(value);
          this.#signal(run.id, signalName(op.id, round), {
            value,
            delayMs: chance.below(chance.pick([5, 300, 2_500])),
          });
        }
      }
    }
    this.messages.set(run.id, sent);
  }

  #signal(runId: string, name: string, message: { readonly value: string; readonly delayMs: number }): void {
    const { chance, plan } = this.#world;
    const dedupeId = this.#id();
    const { value, delayMs } = message;
    const send = (engine: Engine): Promise<void> => engine.signal(runId, name, value, { dedupeId });
    this.#in(delayMs, send, () => this.accepted.push({ runId, what: 'signal', path: name, value }));
    if (chance.is(plan.resendShare)) this.#in(delayMs + chance.below(3_000), send);
  }

  /** Before the deadline, around it, behind it, or never. */
  #decide(run: WatchedRun, event: Extract<StoredEvent, { type: 'approval.requested' }>): void {
    const { chance } = this.#world;
    const { path = '' } = event;
    const limitMs = Math.max(0, (event.data.dueAt ?? event.at) - event.at);
    const share = chance.pick([0.1, 0.5, 0.97, 1, 1.03, 1.5, 0]);
    if (share === 0) return;
    const dedupeId = this.#id();
    const value = chance.is(0.6) ? 'approved' : 'rejected';
    const decide = (engine: Engine): Promise<void> =>
      value === 'approved'
        ? engine.approve(run.id, path, { by: 'ada', dedupeId })
        : engine.reject(run.id, path, { by: 'ada', dedupeId });
    this.#in(limitMs * share, decide, () =>
      this.accepted.push({ runId: run.id, what: 'approval', path, value }),
    );
    if (chance.is(0.2))
      this.#in(limitMs * share + 1, (engine) =>
        engine.reject(run.id, path, { by: 'bob', dedupeId: `${dedupeId}-2` }),
      );
  }

  /** Every few seconds somebody looks at what is parked or was left paused. */
  #round(): void {
    const { scheduler } = this.#world;
    scheduler.in(ROUND_MS, 'round', () => {
      for (const run of this.#world.runs()) this.#move(run);
      this.#round();
    });
  }

  #move(run: WatchedRun): void {
    const { status } = run.row;
    const sinceMs = this.#world.scheduler.nowMs - run.since;
    if (status === 'paused' && sinceMs > 20_000) this.#now((engine) => engine.resume(run.id, { by: 'ops' }));
    if (status !== 'parked' || sinceMs < ROUND_MS / 2) return;
    const { path = '' } = run.state.parked ?? {};
    switch (run.row.park_reason) {
      case 'diverged':
        if (this.#world.isCodeRight()) this.#now((engine) => engine.resume(run.id, { by: 'ops' }));
        return;
      case 'unknown_effect': {
        const [output] = [...path.matchAll(/o\d+/g)].slice(-1);
        const { attempt = 1 } = run.state.steps.get(path) ?? {};
        if (this.#world.hasHappened(`${run.id}:${path}`, attempt))
          this.#now((engine) => engine.answer(run.id, path, { once: output?.[0] ?? '' }, { by: 'ops' }));
        else this.#now((engine) => engine.retry(run.id, { by: 'ops' }));
        return;
      }
      default:
        this.#now((engine) => engine.retry(run.id, { by: 'ops' }));
    }
  }

  #now(act: (engine: Engine) => Promise<unknown>): void {
    this.#send(act, () => undefined, 3);
  }

  #at(atMs: number, act: (engine: Engine) => Promise<unknown>): void {
    this.#in(atMs - this.#world.scheduler.nowMs, act);
  }

  #in(
    delayMs: number,
    act: (engine: Engine) => Promise<unknown>,
    onTaken: () => void = () => undefined,
  ): void {
    this.#open++;
    this.#world.scheduler.in(delayMs, 'act', () => this.#send(act, onTaken, 0));
  }

  /** One try; who gets no answer, or hears that the store is away, tries again elsewhere. */
  #send(act: (engine: Engine) => Promise<unknown>, onTaken: () => void, tries: number): void {
    const { scheduler } = this.#world;
    const isCounted = tries < 3;
    const again = (): void => this.#send(act, onTaken, isCounted ? 0 : tries + 1);
    const reached = this.#world.reach();
    if (!reached) {
      if (isCounted) scheduler.in(AGAIN_MS, 'act', again);
      return;
    }
    let isOver = false;
    const over = (): void => {
      if (isOver) return;
      isOver = true;
      if (isCounted) this.#open--;
    };
    const isGone = (): boolean => reached.process.state !== 'up';
    const watch = (): void => {
      if (isOver) return;
      if (!isGone()) return void scheduler.in(AGAIN_MS, 'wait', watch);
      isOver = true;
      if (isCounted) again();
    };
    scheduler.in(AGAIN_MS, 'wait', watch);
    act(reached.engine).then(
      () => {
        onTaken();
        over();
      },
      (error: unknown) => {
        const code = codeOf(error);
        if (!TRY_AGAIN.has(code) || isOver) return over();
        isOver = true;
        if (isCounted) scheduler.in(AGAIN_MS / 8, 'act', again);
      },
    );
  }

  #id(): string {
    return `act-${++this.#count}`;
  }
}

function codeOf(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : String(error);
}

export function runIdOf(program: number): string {
  return `run-${program}`;
}

/** The inboxes of a program that belong to its own run, and how often each of them is played. */
function inboxes(
  ops: readonly Op[],
  times: number,
): readonly { readonly op: Extract<Op, { type: 'inbox' }>; readonly times: number }[] {
  return ops.flatMap((op) => {
    if (op.type === 'inbox') return [{ op, times }];
    if (op.type === 'child') return [];
    return partsOf(op).flatMap((part) => inboxes(part, op.type === 'map' ? times * op.items : times));
  });
}

export function isOver(run: WatchedRun): boolean {
  return isTerminal(run.row.status as RunStatus);
}
