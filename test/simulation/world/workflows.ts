/** The generated programs as workflows of one process: what they do to the world, they do through its hands. */
import type { AnyWorkflow, GraphWorkflow, KindCallOptions, WorkflowContext } from 'pawl';
import { workflow } from 'pawl';
import type { Op, TaskPlan } from '../plan/op.ts';
import type { Program } from '../plan/plan.ts';
import type { Sight } from '../rules/seen.ts';
import { graphs, kids, type Probe } from './graphs.ts';

/** What code that runs in a process can touch. */
export interface Hands {
  /** A step fires; what it answers resolves when its work is done, or it is done at once. */
  fire(effect: Firing): Promise<void> | undefined;
  /** The attempt of a kind is over; `isAborted`: because it was told to. */
  ends(effect: Firing, isAborted: boolean): void;
  /** Whether the effect of an at-most-once step happened, as the world knows: asked about this attempt. */
  hasHappened(key: string, attempt: number): boolean;
  /** The function of a run begins, or begins again; returns the number of this life of it. */
  begins(runId: string): number;
  /** It got something: the same at every replay. */
  see(sight: Sight): void;
  /** It got the outcome of a step that fired in this life of it. */
  took(runId: string, key: string): void;
  /** Waits outside of ctx. */
  pause(ms: number): Promise<void>;
  /** Whether the first step of the run is recorded. */
  hasBegun(runId: string): boolean;
}

export interface Firing {
  readonly key: string;
  readonly attempt: number;
  readonly kind: 'step' | 'once' | 'repeatable' | 'cancel';
  readonly ms: number;
  /** Its function has gone on without it. */
  readonly isSealed?: boolean;
  /** Of a step of a kind: where it may be executed. */
  readonly at?: { readonly queue: string; readonly isDispatched: boolean };
}

/** Which code a process runs. */
export interface Code {
  readonly version: '1' | '2';
  readonly isCompatible: boolean;
  /** A step more, behind `ctx.patched`. */
  readonly isPatched: boolean;
  /** The first step has another name in runs that have recorded it. */
  readonly isBroken: boolean;
}

export const FIRST_CODE: Code = { version: '1', isCompatible: true, isPatched: false, isBroken: false };

export interface RootInput {
  readonly round: number;
}

export interface ChildInput extends RootInput {
  readonly body: readonly Op[];
  readonly rounds: number;
}

/** Name of the workflow of a program, and of its children. */
export function nameOf(program: number): string {
  return `p${program}`;
}

export function workflowsOf(programs: readonly Program[], code: Code, hands: Hands): AnyWorkflow[] {
  const options = {
    version: code.version,
    ...(code.version === '2' && code.isCompatible ? { compatible: ['1'] } : {}),
  };
  const child = workflow({ name: 'child', ...options }, async (ctx, input: ChildInput) => {
    const results = await new Player(hands, { round: input.round, life: hands.begins(ctx.runId) }).all(
      ctx,
      input.body,
    );
    if (input.round < input.rounds) return await ctx.continueAsNew({ ...input, round: input.round + 1 });
    return results;
  });
  const roots = programs.map((program, index) => {
    const { onCancelMs: ms } = program;
    const onCancel = ({ idempotencyKey: key }: { readonly idempotencyKey: string }): unknown =>
      hands.fire({ key, attempt: 1, kind: 'cancel', ms: ms ?? 0 });
    return workflow(
      { name: nameOf(index), ...options, ...(ms === undefined ? {} : { onCancel }) },
      async (ctx, input: RootInput) => await root(ctx, { program, code, hands, input }),
    );
  });
  return [child, ...graphs, ...kids, ...roots];
}

interface Root {
  readonly program: Program;
  readonly code: Code;
  readonly hands: Hands;
  readonly input: RootInput;
}

async function root(ctx: WorkflowContext, { program, code, hands, input }: Root): Promise<unknown> {
  const player = new Player(hands, { round: input.round, life: hands.begins(ctx.runId) });
  const [begin, ...rest] = program.ops;
  const isWrong = code.isBroken && hands.hasBegun(ctx.runId);
  const results = await player.all(ctx, begin ? [isWrong ? { ...begin, id: 'renamed' } : begin] : []);
  if (code.isPatched && ctx.patched('fix'))
    await ctx.step('fixed', ({ idempotencyKey, attempt }) =>
      hands.fire({ key: idempotencyKey, attempt, kind: 'step', ms: 0 }),
    );
  results.push(...(await player.all(ctx, rest)));
  if (input.round < program.rounds) return await ctx.continueAsNew({ round: input.round + 1 });
  return { round: input.round, results };
}

/** Of every step that can fail. */
export const ATTEMPTS = 3;
const RETRY = { attempts: ATTEMPTS, initial: 30, factor: 2, max: 500, jitter: 0.2 };
/** How the names of steps end whose deadline may pass: what becomes of them depends on time. */
export const LIMITED = '-limited';
/** Longer than any world lasts. */
const ENDLESS_MS = 10_000_000;

type Result = unknown;

interface ProbeCall {
  readonly id: string;
  readonly work: Probe;
  readonly task: TaskPlan;
  readonly options?: KindCallOptions;
}
type OpOf<Type extends Op['type']> = Extract<Op, { type: Type }>;

/** Plays operations; results do not depend on when, where and how often the code ran. */
class Player {
  readonly #hands: Hands;
  readonly #round: number;
  readonly #life: number;

  constructor(hands: Hands, { round, life }: { readonly round: number; readonly life: number }) {
    this.#hands = hands;
    this.#round = round;
    this.#life = life;
  }

  async all(ctx: WorkflowContext, ops: readonly Op[]): Promise<Result[]> {
    const results: Result[] = [];
    for (const op of ops) results.push(await this.#play(ctx, op));
    return results;
  }

  #see(ctx: WorkflowContext, op: Op, value: unknown): void {
    const what = `${op.id}=${JSON.stringify(value)}`;
    this.#hands.see({ runId: ctx.runId, life: this.#life, what });
  }

  async #play(ctx: WorkflowContext, op: Op): Promise<Result> {
    switch (op.type) {
      case 'step':
        return await this.#step(ctx, op);
      case 'once':
        return await this.#once(ctx, op);
      case 'repeatable':
        return await this.#repeatable(ctx, op);
      case 'sleep':
        await ctx.sleep(op.id, op.ms);
        this.#see(ctx, op, 'slept');
        return 'slept';
      case 'inbox':
        return await this.#inbox(ctx, op);
      case 'gate':
        return await this.#gate(ctx, op);
      case 'all':
        return await Promise.all(op.branches.map((branch) => this.all(ctx, branch)));
      case 'parallel':
        return await ctx.parallel(op.id, this.#branches(op));
      case 'settled':
        return Object.values(await ctx.parallel(op.id, this.#branches(op), { failFast: false })).map(
          (end) => end.ok,
        );
      case 'race':
        return await this.#race(ctx, op);
      case 'rivals':
        return await this.#rivals(ctx, op);
      case 'map':
        return await this.#map(ctx, op);
      case 'child':
        return await this.#child(ctx, op);
      case 'foreign':
        await this.#hands.pause(op.ms);
        return 'foreign';
      case 'graph':
        return await this.#graph(ctx, op);
      case 'derived':
        return this.#derived(ctx, op);
    }
  }

  async #step(ctx: WorkflowContext, op: OpOf<'step'>): Promise<Result> {
    if (op.task) return await this.#task(ctx, op, op.task);
    const retry = RETRY;
    let fired = '';
    const fire = ({ attempt, idempotencyKey, report }: StepTools): unknown => {
      fired = idempotencyKey;
      if (op.tokens > 0) report({ inputTokens: op.tokens, outputTokens: 1 });
      const end = (): unknown => {
        if (op.isHopeless || attempt <= op.failures) throw new Error('this attempt fails');
        return { done: op.id };
      };
      const work = this.#hands.fire({ key: idempotencyKey, attempt, kind: 'step', ms: op.ms });
      return work ? work.then(end) : end();
    };
    try {
      const value = await ctx.step(op.id, fire, { retry });
      this.#hands.took(ctx.runId, fired);
      this.#see(ctx, op, value);
      return value;
    } catch (error) {
      this.#hands.took(ctx.runId, fired);
      this.#see(ctx, op, 'failed');
      return codeOf(error);
    }
  }

  /** A step of a kind: where it is executed, its function does not know. */
  async #task(ctx: WorkflowContext, op: OpOf<'step'>, task: TaskPlan): Promise<Result> {
    const { id, ms, tokens, isHopeless } = op;
    const failures = isHopeless ? 99 : op.failures; // lost ones are attempts too
    const work: Probe = { ms, failures, tokens, shows: task.shows ?? false };
    let end: unknown;
    try {
      const { at } = await this.#probe<{ readonly at: string }>(ctx, { id, work, task });
      this.#hands.took(ctx.runId, `${ctx.runId}:${at}`);
      end = { done: id };
    } catch (error) {
      end = codeOf(error);
    }
    return this.#endOf(ctx, op, { task, end });
  }

  async #taskOnce(ctx: WorkflowContext, op: OpOf<'once'>, task: TaskPlan): Promise<Result> {
    const { id, ms } = op;
    const output = { once: id };
    const reconcile = op.reconciles ? { reconcile: this.#reconcile(op) } : {};
    const options = { atMostOnce: true, ...reconcile };
    let end: unknown;
    try {
      end = await this.#probe(ctx, { id, work: { ms, isOnce: true, output }, task, options });
    } catch (error) {
      if (task.deadlineMs === undefined) throw error;
      end = codeOf(error);
    }
    return this.#endOf(ctx, op, { task, end });
  }

  /** What becomes of a step with a deadline may be another thing in its next life: an end that ran ahead of the disk is lost with it. */
  #endOf(
    ctx: WorkflowContext,
    op: Op,
    { task, end }: { readonly task: TaskPlan; readonly end: unknown },
  ): Result {
    const seen = task.deadlineMs === undefined ? end : 'limited';
    this.#see(ctx, op, seen);
    return seen;
  }

  #probe<T>(ctx: WorkflowContext, { id, work, task, options }: ProbeCall): Promise<T> {
    const { queue, isDispatched, timeoutMs, deadlineMs } = task;
    const name = deadlineMs === undefined ? id : `${id}${LIMITED}`;
    return ctx.operation<T>(
      name,
      'probe',
      { ...work, ...placeOf(task), heeds: true },
      {
        ...(work.isOnce ? {} : { retry: RETRY }),
        ...(queue === undefined ? {} : { queue }),
        ...(isDispatched === undefined ? {} : { dispatch: isDispatched }),
        ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
        ...(deadlineMs === undefined ? {} : { deadline: deadlineMs }),
        ...options,
      },
    );
  }

  #reconcile({ id, ms }: OpOf<'once'>): NonNullable<KindCallOptions['reconcile']> {
    return async ({ idempotencyKey, attempt }) => {
      await this.#hands.pause(ms);
      return this.#hands.hasHappened(idempotencyKey, attempt)
        ? { happened: true, output: { once: id } }
        : { happened: false };
    };
  }

  async #once(ctx: WorkflowContext, op: OpOf<'once'>, isSealed = (): boolean => false): Promise<Result> {
    if (op.task) return await this.#taskOnce(ctx, op, op.task);
    let fired = '';
    const fire = async ({ attempt, idempotencyKey }: StepTools): Promise<unknown> => {
      fired = idempotencyKey;
      const firing = { key: idempotencyKey, attempt, kind: 'once', ms: op.ms, isSealed: isSealed() } as const;
      await this.#hands.fire(firing);
      return { once: op.id };
    };
    const reconcile = op.reconciles ? { reconcile: this.#reconcile(op) } : {};
    const value = await ctx.step(op.id, fire, { atMostOnce: true, ...reconcile });
    this.#hands.took(ctx.runId, fired);
    this.#see(ctx, op, value);
    return value;
  }

  async #repeatable(ctx: WorkflowContext, op: OpOf<'repeatable'>): Promise<Result> {
    let sum = 0;
    for (let index = 0; index < op.count; index++) {
      let fired = '';
      sum += await ctx.step(
        op.id,
        ({ idempotencyKey, attempt }) => {
          fired = idempotencyKey;
          void this.#hands.fire({ key: idempotencyKey, attempt, kind: 'repeatable', ms: 0 });
          return index;
        },
        { repeatable: true },
      );
      this.#hands.took(ctx.runId, fired);
      this.#see(ctx, op, sum);
    }
    return sum;
  }

  /** Ends only when every message has come, each once. */
  async #inbox(ctx: WorkflowContext, op: OpOf<'inbox'>): Promise<Result> {
    const name = signalName(op.id, this.#round);
    const got: unknown[] = [];
    while (got.length < op.count) {
      const message = await this.#receive(ctx, op, name);
      if (message === undefined) continue;
      this.#see(ctx, op, message);
      got.push(message);
    }
    return { got: got.length }; // which one reaches which branch depends on time; that all come once is judged by what was seen
  }

  async #receive(ctx: WorkflowContext, op: OpOf<'inbox'>, name: string): Promise<unknown> {
    switch (op.style) {
      case 'plain':
        return await ctx.signal(name);
      case 'timeout':
        return await ctx.signal(name, undefined, { timeout: op.ms });
      case 'native':
        return await Promise.race([ctx.signal(name), ctx.sleep(`${op.id}-tick`, op.ms)]);
      case 'scoped':
        return (
          await ctx.race(`${op.id}-race`, {
            message: (c) => c.signal(name),
            tick: (c) => c.sleep('tick', op.ms),
          })
        ).value;
    }
  }

  async #gate(ctx: WorkflowContext, op: OpOf<'gate'>): Promise<Result> {
    const { decision } = await ctx.approval(op.id, {
      message: 'May it go on?',
      deadline: op.ms,
      onRejected: 'return',
    });
    this.#see(ctx, op, decision);
    return 'decided';
  }

  /** The loser never ends, whether its at-most-once step fires or not. */
  async #rivals(ctx: WorkflowContext, op: OpOf<'rivals'>): Promise<Result> {
    const { id, beforeMs, laterMs, isRace, task } = op;
    let isOver = false;
    const slow = async (c: WorkflowContext): Promise<unknown> => {
      await this.#plainStep(c, `${id}-before`, { ms: beforeMs, task });
      const pay = { type: 'once', id: `${id}-pay`, reconciles: true, ms: 1 } as const;
      await this.#once(c, task ? { ...pay, task } : pay, () => isOver);
      return await c.signal(`${id}-nobody`);
    };
    const quick = async (c: WorkflowContext): Promise<unknown> => {
      await this.#plainStep(c, `${id}-quick`, { ms: beforeMs + laterMs, task });
      if (!isRace) throw new Error('this branch fails');
      return 'quick';
    };
    try {
      if (isRace) await ctx.race(id, { quick, slow });
      else await ctx.parallel(id, { quick, slow });
    } catch (error) {
      if (isRace || !String(error).includes('this branch fails')) throw error;
    }
    isOver = true;
    this.#see(ctx, op, 'over');
    return 'over';
  }

  async #plainStep(
    ctx: WorkflowContext,
    name: string,
    { ms, task }: { readonly ms: number; readonly task: TaskPlan | undefined },
  ): Promise<void> {
    if (task) return void (await this.#probe(ctx, { id: name, work: { ms }, task }));
    await ctx.step(name, ({ attempt, idempotencyKey: key }) =>
      this.#hands.fire({ key, attempt, kind: 'step', ms }),
    );
  }

  #branches(
    op: OpOf<'parallel' | 'settled' | 'all'>,
  ): Record<string, (c: WorkflowContext) => Promise<Result[]>> {
    return Object.fromEntries(
      op.branches.map((branch, index) => [`b${index}`, (c: WorkflowContext) => this.all(c, branch)]),
    );
  }

  /** The slow branch never wins: it waits for a message that nobody sends, or (odd ids) works until it is told to stop. */
  async #race(ctx: WorkflowContext, op: OpOf<'race'>): Promise<Result> {
    const isWork = Number(op.id.slice(1)) % 2 === 1;
    const slow = (c: WorkflowContext): Promise<unknown> =>
      isWork ? this.#endless(c, `${op.id}-slow`, op.task) : c.signal(`${op.id}-nobody`);
    if (op.isScoped) {
      const won = await ctx.race(op.id, { quick: (c) => this.all(c, op.branch), slow });
      this.#see(ctx, op, won.winner);
      return won.value;
    }
    const won = await Promise.race([this.all(ctx, op.branch), slow(ctx)]);
    this.#see(ctx, op, 'won');
    return won;
  }

  #endless(ctx: WorkflowContext, name: string, task: TaskPlan | undefined): Promise<unknown> {
    if (task) return this.#probe(ctx, { id: name, work: { ms: ENDLESS_MS, tokens: 2 }, task });
    return ctx.step(name, ({ attempt, idempotencyKey, report }) => {
      report({ inputTokens: 2, outputTokens: 1 });
      return this.#hands.fire({ key: idempotencyKey, attempt, kind: 'step', ms: ENDLESS_MS });
    });
  }

  async #map(ctx: WorkflowContext, op: OpOf<'map'>): Promise<Result> {
    const items = Array.from({ length: op.items }, (_, index) => index);
    return await ctx.map(op.id, items, (_item, c) => this.all(c, op.body), { concurrency: op.concurrency });
  }

  async #child(ctx: WorkflowContext, op: OpOf<'child'>): Promise<Result> {
    try {
      const input: ChildInput = { body: op.body, rounds: op.rounds, round: 0 };
      const value = await ctx.workflow('child', input, { name: op.id });
      this.#see(ctx, op, value);
      return value;
    } catch (error) {
      this.#see(ctx, op, codeOf(error));
      return codeOf(error);
    }
  }

  async #graph(ctx: WorkflowContext, op: OpOf<'graph'>): Promise<Result> {
    const graph = graphs[op.shape % graphs.length] as GraphWorkflow;
    try {
      const value = await ctx.workflow(graph, {}, { name: op.id });
      this.#see(ctx, op, value);
      return value;
    } catch (error) {
      this.#see(ctx, op, codeOf(error));
      return codeOf(error);
    }
  }

  #derived(ctx: WorkflowContext, op: OpOf<'derived'>): Result {
    this.#see(ctx, op, [ctx.uuid(), ctx.random()]);
    ctx.set({ at: op.id });
    return 'derived';
  }
}

type StepTools = Parameters<Parameters<WorkflowContext['step']>[1]>[0];

function placeOf({ queue, isDispatched = false }: TaskPlan): Pick<Probe, 'queue' | 'isDispatched'> {
  return queue === undefined ? { isDispatched } : { queue, isDispatched };
}

/** Messages of each round have names of their own. */
export function signalName(id: string, round: number): string {
  return `${id}-r${round}`;
}

function codeOf(error: unknown): string {
  const { failure } = error as { readonly failure?: { readonly code?: unknown } };
  return `caught ${typeof failure?.code === 'string' ? failure.code : String(error)}`;
}
