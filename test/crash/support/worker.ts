/** A worker process: opens an engine by its plan, says what fires, and does what it is told, until it is killed or closed. */
import { flushCompileCache } from 'node:module';
import { createInterface } from 'node:readline';
import { type Engine, pawl } from '../../../packages/pawl/src/index.ts';
import { bentStore } from './bent-store.ts';
import { effectsWriter, readEffects } from './effects.ts';
import type { Calls, Line, Request, WorkerPlan } from './protocol.ts';
import { armKillSwitch } from './kill-switch.ts';
import { openStore } from './stores.ts';
import { WorkerTime } from './worker-time.ts';
import { crashKinds } from './kinds.ts';
import { crashWorkflows, type Hands } from './workflows.ts';

const plan = JSON.parse(process.argv[2] ?? '{}') as WorkerPlan;
const moments = armKillSwitch(die, plan.dieAtMoment);
const effects = effectsWriter(plan.effects);
const release = Promise.withResolvers<void>();
if (!plan.holds) release.resolve();

const time = new WorkerTime(plan.time ?? {}, {
  log: (level, message, fields = {}) => {
    if (level !== 'debug') say({ type: 'log', level, message, fields });
  },
});

const hands: Hands = {
  append: (firing) => {
    effects.append(firing);
    say({ type: 'fired', firing });
  },
  now: () => time.platform.clock.now(),
  pause: (ms) => time.pause(ms),
  held: () => release.promise,
  note: (message) => say({ type: 'log', level: 'info', message, fields: {} }),
  die,
  knows: (key) => readEffects(plan.effects).some((firing) => firing.key === key),
};

let commits = Promise.withResolvers<void>();
commits.resolve();
const stop = Promise.withResolvers<void>();

const engine = await open();
say({ type: 'ready', engine: engine.id });
flushCompileCache();

const calls: { readonly [Verb in keyof Calls]: (...args: Parameters<Calls[Verb]>) => unknown } = {
  start: async (workflow, input, { id, key }) =>
    (await engine.start(workflow, input, { id, idempotencyKey: key })).id,
  signal: (runId, payload, dedupeId) => engine.signal(runId, 'go', payload, { dedupeId }),
  signalNamed: (runId, name, payload) => engine.signal(runId, name, payload, { dedupeId: name }),
  approve: (runId, by) => engine.approve(runId, undefined, { by }),
  reject: (runId, by) => engine.reject(runId, undefined, { by }),
  cancel: (runId) => engine.cancel(runId),
  results: (runIds) => Promise.all(runIds.map((id) => engine.handle(id).result())),
  release: () => release.resolve(),
  holdCommits: () => {
    commits = Promise.withResolvers<void>();
  },
  letCommits: () => {
    commits.resolve();
    stop.resolve();
  },
  skip: (ms) => time.skip(ms),
  close: () => engine.close(),
  workers: () => engine.workers(),
  moments,
};

for await (const line of createInterface({ input: process.stdin })) void obey(JSON.parse(line) as Request);

async function obey({ id, verb, args }: Request): Promise<void> {
  try {
    const act = calls[verb] as (...args: readonly unknown[]) => unknown;
    say({ type: 'answer', id, value: await act(...args) });
  } catch (error) {
    say({ type: 'answer', id, error: String(error) });
  }
  if (verb === 'close') process.exit(0);
}

async function open(): Promise<Engine> {
  const { platform } = time;
  const { isElsewhere } = plan;
  const whole = await openStore(plan.store, platform, { isElsewhere });
  const { stopsAt, loseAnswers, isDeaf, diesAtRest } = plan;
  const store = bentStore(whole, {
    stopsAt,
    loseAnswers,
    isDeaf,
    onRest: diesAtRest ? die : undefined,
    gate: () => commits.promise,
    stop: stop.promise,
  });
  const { runs, queues } = plan;
  const settings = { ...(runs === undefined ? {} : { runs }), ...(queues === undefined ? {} : { queues }) };
  const worker = plan.isClient ? false : settings;
  const workflows = plan.isStepWorker ? [] : crashWorkflows(hands, plan.deploy);
  return await pawl.open({ store, platform, worker, workflows, kinds: crashKinds(hands) });
}

function die(): void {
  say({ type: 'dies', at: Date.now() });
  process.kill(process.pid, 'SIGKILL');
}

function say(line: Line): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
