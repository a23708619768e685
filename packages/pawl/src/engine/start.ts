/** Starting runs: the input is parsed once, recorded, and the run is owned by this engine at once where it can drive it. */
import { pawlError } from '../errors/index.ts';
import { isWorkflow, type AnyWorkflow } from '../replay/index.ts';
import { DEFAULT_TENANT, type EventData, type NewEvent } from '../run/index.ts';
import {
  checkSchema,
  digestText,
  digestValue,
  encodeValue,
  findValueProblem,
  type Payload,
} from '../std/index.ts';
import { EXTERNAL, type NewRun } from '../store/index.ts';
import type { StartOptions } from './api.ts';
import type { EngineContext } from './context.ts';
import { checkJsonSchema } from './json-schema.ts';

/** What is known of a workflow that is about to be started. */
interface Definition {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly deadlineMs: number | undefined;
  /** False where the workflow itself is not here: its first holder parses the input. */
  readonly isHere: boolean;
  readonly parse: (input: unknown) => unknown;
}

const KNOWN = ['id', 'idempotencyKey', 'labels', 'priority', 'version', 'trigger', 'by'];
const NOT_YET = ['budget', 'policy', 'autonomy'];
const RUN_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export interface StartExtras {
  readonly trigger?: EventData<'run.created'>['trigger'];
}

/** @returns the id of the run: a new one, or the one that the idempotency key gave before. */
export async function startRun(
  context: EngineContext,
  target: AnyWorkflow | string,
  request: { readonly input: unknown; readonly options: StartOptions; readonly extras?: StartExtras },
): Promise<string> {
  const { options } = request;
  checkOptions(options);
  const definition = await define(context, target, options.version);
  const input = encodeValue(definition.parse(request.input), `the input of workflow "${definition.name}"`);
  checkSize(context, input, definition.name);
  const runId = options.id ?? context.platform.newId();
  const newRun = makeRun(context, definition, {
    ...request,
    runId,
    payload: input,
    given: request.input,
  });
  const batch = {
    run: { tenant: context.tenant, runId },
    events: [],
    creates: [newRun],
    fence: EXTERNAL,
    isIdempotent: options.id === undefined,
  } as const;
  const answer = await context.journal.commit(
    options.id === undefined ? batch : { ...batch, dedupeId: context.platform.newId() },
  );
  if (answer.type === 'refused' || !answer.created[0]?.isNew) context.worker?.releasePlace(runId);
  if (answer.type === 'refused') {
    if (answer.reason === 'conflict' && options.id === undefined) return runId; // ours: a doubtful first send had landed
    if (answer.reason === 'conflict') throw pawlError('RUN_ID_TAKEN', { runId });
    if (answer.reason === 'refused')
      throw pawlError('OPTION_INVALID', { where: 'start', problem: answer.detail });
    throw pawlError('STORE_UNAVAILABLE', { problem: answer.detail });
  }
  const created = answer.created[0];
  if (!created || created.isNew) return runId;
  if (created.inputDigest !== newRun.inputDigest) {
    throw pawlError('IDEMPOTENCY_CONFLICT', { key: options.idempotencyKey ?? '', runId: created.run.runId });
  }
  return created.run.runId;
}

function checkOptions(options: StartOptions): void {
  for (const option of Object.keys(options)) {
    if (NOT_YET.includes(option)) throw pawlError('NOT_SUPPORTED_YET', { where: `start.${option}` });
    if (!KNOWN.includes(option))
      throw pawlError('OPTION_UNKNOWN', { where: 'start', option, hint: '', known: KNOWN.join(', ') });
  }
  if (options.id !== undefined && !RUN_ID.test(options.id))
    throw pawlError('RUN_ID_INVALID', { runId: options.id });
  const { priority = 0, labels = {}, idempotencyKey } = options;
  if (!Number.isInteger(priority) || Math.abs(priority) > 100)
    throw pawlError('OPTION_INVALID', {
      where: 'start.priority',
      problem: 'it must be a whole number from -100 to 100',
    });
  for (const [key, value] of Object.entries(labels)) {
    if (typeof value !== 'string' || key.length > 64 || value.length > 256) {
      throw pawlError('OPTION_INVALID', {
        where: `start.labels.${key}`,
        problem: 'a label is a text of at most 256 characters, its name of at most 64',
      });
    }
  }
  if (Object.keys(labels).length > 64)
    throw pawlError('OPTION_INVALID', { where: 'start.labels', problem: 'a run has at most 64 labels' });
  encodeValue(labels, 'start.labels');
  if (
    idempotencyKey !== undefined &&
    (typeof idempotencyKey !== 'string' ||
      idempotencyKey === '' ||
      !idempotencyKey.isWellFormed() ||
      idempotencyKey.includes('\u0000') ||
      idempotencyKey.length > 256)
  ) {
    throw pawlError('OPTION_INVALID', {
      where: 'start.idempotencyKey',
      problem: 'it must be a text of 1 to 256 characters',
    });
  }
}

/** Digest of the input as it was given (where it is plain JSON): the same whether a schema here changed it or not. */
function rawDigest(given: unknown, parsed: Payload): string {
  return given === undefined || findValueProblem(given) ? digestText(parsed) : digestValue(given);
}

function checkSize(context: EngineContext, input: Payload, name: string): void {
  const bytes = Buffer.byteLength(input);
  if (bytes > context.payloadBytes)
    throw pawlError('PAYLOAD_TOO_LARGE', {
      what: `The input of workflow "${name}"`,
      bytes,
      limit: context.payloadBytes,
    });
}

async function define(
  context: EngineContext,
  target: AnyWorkflow | string,
  version?: string,
): Promise<Definition> {
  if (typeof target !== 'string' && !isWorkflow(target))
    throw pawlError('NOT_A_WORKFLOW', { where: 'The first argument of start' });
  const name = typeof target === 'string' ? target : target.name;
  const registered = context.workflows.get(name);
  const own = typeof target === 'string' ? registered : target;
  if (own && (version === undefined || own.version === version)) return ownDefinition(own);
  const row = await context.store.getWorkflow(name, version);
  if (!row)
    throw pawlError('WORKFLOW_UNKNOWN', {
      name,
      hint: version === undefined ? '' : ` in version "${version}"`,
    });
  return {
    ...row,
    labels: {},
    deadlineMs: undefined,
    isHere: false,
    parse: (input) =>
      checkJsonSchema(row.inputSchema, input, (issues) =>
        pawlError('INPUT_INVALID', { what: `workflow "${name}"`, issues }),
      ),
  };
}

function ownDefinition(workflow: AnyWorkflow): Definition {
  const { name, version, digest, labels, deadlineMs } = workflow;
  const schema = workflow.inputSchema;
  return {
    name,
    version,
    digest,
    labels,
    deadlineMs,
    isHere: true,
    parse: (input) => {
      if (!schema) return input;
      const checked = checkSchema(schema, input, `the input of workflow "${name}"`);
      if (!checked.ok)
        throw pawlError('INPUT_INVALID', { what: `workflow "${name}"`, issues: checked.issues });
      return checked.value;
    },
  };
}

interface Making {
  readonly runId: string;
  readonly payload: Payload;
  /** The input before a schema had its say. */
  readonly given: unknown;
  readonly options: StartOptions;
  readonly extras?: StartExtras;
}

function makeRun(context: EngineContext, definition: Definition, making: Making): NewRun {
  const { options, runId, payload } = making;
  const { name, version } = definition;
  const labels = { ...definition.labels, ...options.labels };
  const deadline =
    definition.deadlineMs === undefined
      ? {}
      : { deadlineAt: context.platform.clock.now() + definition.deadlineMs };
  const isOwned = definition.isHere && (context.worker?.promisePlace(definition, runId) ?? false);
  const data: EventData<'run.created'> = {
    workflow: name,
    version,
    digest: definition.digest,
    trigger: making.extras?.trigger ?? { kind: options.trigger ?? 'api' },
    ...(context.tenant === DEFAULT_TENANT ? {} : { tenant: context.tenant }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(options.priority === undefined ? {} : { priority: options.priority }),
    ...deadline,
    ...(definition.isHere ? {} : { unparsed: true }),
  };
  const created: NewEvent = {
    type: 'run.created',
    data,
    payload,
    ...(options.by === undefined ? {} : { actor: options.by }),
  };
  return {
    tenant: context.tenant,
    runId,
    workflow: name,
    version,
    priority: options.priority ?? 0,
    labels,
    rootRunId: runId,
    depth: 0,
    events: isOwned ? [created, { type: 'run.started', data: { workerId: context.id } }] : [created],
    holder: isOwned ? context.id : null,
    ...(options.idempotencyKey === undefined
      ? {}
      : { idempotencyKey: options.idempotencyKey, inputDigest: rawDigest(making.given, payload) }),
    ...deadline,
  };
}
