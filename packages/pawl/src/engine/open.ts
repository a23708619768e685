/** The composition root: checks the options, wires store, journal and worker, and hands out the engine. */
import { pawlError } from '../errors/index.ts';
import { type AnyWorkflow, CLOSURE_KIND, DEFAULT_TENANT, isName, isWorkflow } from '../run/index.ts';
import {
  checkOptions,
  checkWhole,
  jsonSchemaOf,
  parseDuration,
  parseLimit,
  type Platform,
} from '../std/index.ts';
import { type AnyKind, parseRetry } from '../step/index.ts';
import { DEFAULT_STORE_LIMITS, type Store } from '../store/index.ts';
import { hasCleanUp, Journal, Secrets, Worker, WORKER_DEFAULTS } from '../worker/index.ts';
import type { Engine, OpenOptions, WorkerSettings } from './api.ts';
import type { EngineContext } from './context.ts';
import { EndNotices } from './end-notices.ts';
import { makeEngine } from './engine.ts';
import { guardUnhandledRejections } from './unhandled.ts';

/** What the entry file brings: the store, the kinds, the surroundings. */
export interface EngineParts {
  readonly store: Store;
  readonly platform: Platform;
  readonly kinds: readonly AnyKind[];
}

const NOT_YET = ['policy', 'budget', 'autonomy', 'agents', 'models', 'tools'];
const KNOWN = ['store', 'workflows', 'kinds', 'tenant', 'worker', 'limits', 'secrets', 'logger', 'platform'];
const WORKER_KNOWN = ['slots', 'runs', 'evictAfter', 'replayPatience'];
const RESERVED_KINDS = [
  CLOSURE_KIND,
  'workflow',
  'sleep',
  'signal',
  'input',
  'approval',
  'map',
  'parallel',
  'race',
];

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
  const { store, platform } = parts;
  const workflows = options.workflows ?? [];
  const kinds = kindsByName([...parts.kinds, ...(options.kinds ?? [])]);
  await register(store, workflows);
  const id = platform.newId();
  const journal = new Journal(store, platform);
  const secrets = new Secrets(options.secrets ?? ((name) => process.env[name]));
  const payloadBytes = options.limits?.payloadBytes ?? DEFAULT_STORE_LIMITS.payloadBytes;
  const settings = workerSettings(options.worker);
  const isWorker = options.worker !== false && workflows.length > 0;
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
    notices: new EndNotices(journal, store, platform),
    payloadBytes,
    workflows: workflowsByName(workflows),
  };
  try {
    await worker?.open();
  } catch (error) {
    worker?.abandon();
    context.notices.close();
    throw error;
  }
  return makeEngine(context, worker ? guardUnhandledRejections(platform) : () => undefined);
}

function workflowsByName(workflows: readonly AnyWorkflow[]): ReadonlyMap<string, AnyWorkflow> {
  const byName = new Map<string, AnyWorkflow>();
  const seen = new Set<string>();
  for (const [index, workflow] of workflows.entries()) {
    if (!isWorkflow(workflow)) throw pawlError('NOT_A_WORKFLOW', { where: `workflows[${index}]` });
    const { name, version } = workflow;
    if (seen.has(`${name}@${version}`)) throw pawlError('WORKFLOW_DUPLICATE', { name, version });
    seen.add(`${name}@${version}`);
    byName.set(name, workflow);
  }
  return byName;
}

function kindsByName(kinds: readonly AnyKind[]): ReadonlyMap<string, AnyKind> {
  const byName = new Map<string, AnyKind>();
  for (const kind of kinds) {
    if (!isName(kind.name)) throw pawlError('NAME_INVALID', { name: String(kind.name), what: 'a kind' });
    if (byName.has(kind.name) || RESERVED_KINDS.includes(kind.name))
      throw pawlError('KIND_DUPLICATE', { kind: kind.name });
    if (typeof kind.execute !== 'function')
      throw pawlError('KIND_INVALID', { kind: kind.name, problem: 'it has no execute function' });
    parseRetry(kind.retry, `kind "${kind.name}".retry`);
    if (kind.timeout !== undefined) parseLimit(kind.timeout, `kind "${kind.name}".timeout`);
    byName.set(kind.name, kind);
  }
  return byName;
}

function workerSettings(worker: OpenOptions['worker']): {
  readonly slots: number;
  readonly runs: number;
  readonly settings: { readonly evictAfterMs: number; readonly replayPatienceMs: number };
} {
  const where = 'open.worker';
  if (typeof worker !== 'boolean') checkOptions(worker, { where, known: WORKER_KNOWN });
  const given: WorkerSettings = typeof worker === 'object' ? worker : {};
  checkWhole(given.slots, `${where}.slots`, { from: 1, to: MAX_COUNT });
  checkWhole(given.runs, `${where}.runs`, { from: 1, to: MAX_COUNT });
  const { slots, runs, evictAfterMs, replayPatienceMs } = WORKER_DEFAULTS;
  return {
    slots: given.slots ?? slots,
    runs: given.runs ?? runs,
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

/** Most slots, or runs in memory, that a worker can be given. */
const MAX_COUNT = 100_000;

/** A version is immutable: the same name and version with another digest is refused. */
async function register(store: Store, workflows: readonly AnyWorkflow[]): Promise<void> {
  const rows = workflows.map((workflow) => ({
    name: workflow.name,
    version: workflow.version,
    digest: workflow.digest,
    inputSchema: jsonSchemaOf(workflow.inputSchema),
    hasOnCancel: hasCleanUp(workflow),
    compatible: workflow.compatible,
  }));
  const [conflict] = await store.registerWorkflows(rows);
  if (conflict)
    throw pawlError('WORKFLOW_VERSION_CHANGED', { name: conflict.name, version: conflict.version });
}
