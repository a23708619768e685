/** The composition root: checks the options, wires store, journal and worker, and hands out the engine. */
import { pawlError } from '../errors/index.ts';
import { type FunctionRegistry, functionRegistry } from '../kinds/index.ts';
import { DEFAULT_TENANT, isName } from '../run/index.ts';
import { checkOptions, checkWhole, parseDuration, parseLimit, type Platform } from '../std/index.ts';
import type { AnyKind } from '../step/index.ts';
import { DEFAULT_STORE_LIMITS, type Store } from '../store/index.ts';
import { Journal, OutsideDesk, Secrets, Worker, WORKER_DEFAULTS } from '../worker/index.ts';
import type { Engine, OpenOptions, WorkerSettings } from './api.ts';
import type { EngineContext } from './context.ts';
import { EndNotices } from './end-notices.ts';
import { makeEngine } from './engine.ts';
import { checkGraphs, kindsByName, register, warnOfUnknown, workflowsByName } from './registration.ts';
import { Retention } from './retention.ts';
import { guardUnhandledRejections } from './unhandled.ts';

/** What the entry file brings: the store, the kinds, the surroundings. */
export interface EngineParts {
  readonly store: Store;
  readonly platform: Platform;
  readonly kinds: readonly AnyKind[];
  /** What graphs may call by name. */
  readonly functions: FunctionRegistry;
}

const NOT_YET = ['policy', 'budget', 'autonomy', 'agents', 'models', 'tools'];
const KNOWN = [
  'store',
  'workflows',
  'functions',
  'kinds',
  'tenant',
  'worker',
  'limits',
  'secrets',
  'logger',
  'platform',
];
const WORKER_KNOWN = ['slots', 'runs', 'queues', 'retention', 'evictAfter', 'replayPatience'];
/** Checks everything that can be checked without the store. @throws the usage error of what is wrong; nothing is opened then. */
export function checkOpenOptions(options: OpenOptions): void {
  checkOptions(options ?? null, { where: 'open', known: KNOWN, notYet: NOT_YET });
  const { store, tenant, workflows, kinds, worker, limits, secrets, platform, logger } = options;
  if (typeof store !== 'string' && !hasMethod(store, 'commit'))
    throw pawlError('STORE_URL_INVALID', { url: `(${typeof store})` });
  if (tenant !== undefined && !isName(tenant))
    throw pawlError('NAME_INVALID', { name: String(tenant), what: 'a tenant' });
  demand('secrets', secrets === undefined || typeof secrets === 'function');
  demand('platform', platform === undefined || hasMethod(platform, 'nextTurn'));
  demand('logger', logger === undefined || hasMethod(logger, 'log'));
  if (platform !== undefined && logger !== undefined)
    throw pawlError('OPTION_INVALID', { where: 'open.logger', problem: 'a platform brings its own logger' });
  checkOptions(limits, { where: 'open.limits', known: ['payloadBytes'] });
  checkWhole(limits?.payloadBytes, 'open.limits.payloadBytes', { from: 1, to: MAX_PAYLOAD_BYTES });
  workflowsByName(listOf(workflows, 'workflows'));
  workerSettings(worker);
  kindsByName(listOf(kinds, 'kinds'));
  functionRegistry(options.functions ?? {});
}

/** The largest limit that can be set: a text of Node is not much longer, and SQLite holds no row of more. */
const MAX_PAYLOAD_BYTES = 256 * 1_024 * 1_024;

function demand(option: keyof typeof SHAPES, isGood: boolean): void {
  if (!isGood) throw pawlError('OPTION_INVALID', { where: `open.${option}`, problem: SHAPES[option] });
}

function hasMethod(value: unknown, name: string): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Record<string, unknown>)[name] === 'function'
  );
}

const SHAPES = {
  secrets: 'it must be a function (name) => text',
  platform: 'it must be a platform, with clock, timers, ids and logger',
  logger: 'it must be an object with log(level, message, fields)',
} as const;

function listOf<T>(list: readonly T[] | undefined, option: string): readonly T[] {
  if (list === undefined) return [];
  if (!Array.isArray(list))
    throw pawlError('OPTION_INVALID', { where: `open.${option}`, problem: 'it is a list' });
  return list as readonly T[];
}

export async function openEngine(options: OpenOptions, parts: EngineParts): Promise<Engine> {
  const { store } = parts;
  const platform: Platform = store.clock ? { ...parts.platform, clock: store.clock } : parts.platform;
  const workflows = options.workflows ?? [];
  const kinds = kindsByName(options.kinds ?? [], parts.kinds);
  const settings = workerSettings(options.worker);
  const isWorker = options.worker !== false && (workflows.length > 0 || settings.queues !== undefined);
  if (isWorker) checkGraphs(workflows, { kinds, functions: parts.functions, queues: settings.queues });
  await register(store, workflows);
  await warnOfUnknown(store, workflows, platform.logger);
  const id = platform.newId();
  const journal = new Journal(store, platform);
  const secrets = new Secrets(options.secrets ?? ((name) => process.env[name]));
  const payloadBytes = options.limits?.payloadBytes ?? DEFAULT_STORE_LIMITS.payloadBytes;
  const worker = isWorker
    ? new Worker({
        store,
        journal,
        platform,
        workerId: id,
        workflows,
        kinds,
        secrets,
        payloadBytes,
        ...settings,
      })
    : undefined;
  const context: EngineContext = {
    id,
    tenant: options.tenant ?? DEFAULT_TENANT,
    store,
    platform,
    journal,
    secrets,
    worker,
    desk: new OutsideDesk({ store, journal, platform, kinds, secrets, payloadBytes, workerId: id }),
    retention:
      isWorker && settings.retentionMs !== undefined
        ? new Retention({ store, platform }, settings.retentionMs)
        : undefined,
    notices: new EndNotices(journal, store, platform),
    payloadBytes,
    workflows: workflowsByName(workflows),
    kinds,
    registered: workflows,
  };
  try {
    await worker?.open();
  } catch (error) {
    worker?.abandon();
    context.retention?.close();
    context.notices.close();
    throw error;
  }
  return makeEngine(context, worker ? guardUnhandledRejections(platform) : () => undefined);
}

function workerSettings(worker: OpenOptions['worker']): {
  readonly slots: number;
  readonly runs: number;
  readonly queues: readonly string[] | undefined;
  readonly retentionMs: number | undefined;
  readonly settings: { readonly evictAfterMs: number; readonly replayPatienceMs: number };
} {
  const where = 'open.worker';
  if (typeof worker !== 'boolean') checkOptions(worker, { where, known: WORKER_KNOWN });
  const given: WorkerSettings = typeof worker === 'object' ? worker : {};
  checkWhole(given.slots, `${where}.slots`, { from: 1, to: MAX_COUNT });
  checkWhole(given.runs, `${where}.runs`, { from: 1, to: MAX_COUNT });
  checkQueues(given.queues, `${where}.queues`);
  const { slots, runs, evictAfterMs, replayPatienceMs } = WORKER_DEFAULTS;
  return {
    slots: given.slots ?? slots,
    runs: given.runs ?? runs,
    queues: given.queues && [...new Set(given.queues)],
    retentionMs:
      given.retention === undefined ? undefined : parseLimit(given.retention, `${where}.retention`),
    settings: {
      evictAfterMs:
        given.evictAfter === undefined
          ? evictAfterMs
          : parseDuration(given.evictAfter, 'open.worker.evictAfter'),
      replayPatienceMs:
        given.replayPatience === undefined
          ? replayPatienceMs
          : parseDuration(given.replayPatience, 'open.worker.replayPatience'),
    },
  };
}

function checkQueues(queues: unknown, where: string): void {
  if (queues === undefined) return;
  if (!Array.isArray(queues)) throw pawlError('OPTION_INVALID', { where, problem: 'it is a list of queues' });
  for (const queue of queues as readonly unknown[])
    if (!isName(queue)) throw pawlError('NAME_INVALID', { name: String(queue), what: 'a queue' });
}

/** Most slots, or runs in memory, that a worker can be given. */
const MAX_COUNT = 100_000;
