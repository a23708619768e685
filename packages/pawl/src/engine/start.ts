/** Starting runs: the input is parsed once, recorded, and the run is owned by this engine at once where it can drive it. */
import { pawlError } from '../errors/index.ts';
import { checkLabels } from '../replay/index.ts';
import { type AnyWorkflow, DEFAULT_TENANT, isWorkflow, type EventData, type NewEvent } from '../run/index.ts';
import {
  checkOptions,
  checkSchema,
  checkText,
  checkWhole,
  digestText,
  digestValue,
  encodeValue,
  findValueProblem,
  type Payload,
} from '../std/index.ts';
import { EXTERNAL, type NewRun } from '../store/index.ts';
import type { StartOptions } from './api.ts';
import { type EngineContext, refOf } from './context.ts';
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
const TRIGGERS: readonly string[] = ['api', 'cli', 'schedule', 'webhook'];
const MAX_TEXT = 256;
const RUN_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export interface StartExtras {
  readonly trigger?: EventData<'run.created'>['trigger'];
  /** The input was recorded by a run before: it is what a schema made of it, and no schema sees it again. */
  readonly isParsed?: boolean;
}

/** @returns the id of the run: a new one, or the one that the idempotency key gave before. */
export async function startRun(
  context: EngineContext,
  target: AnyWorkflow | string,
  request: { readonly input: unknown; readonly options: StartOptions; readonly extras?: StartExtras },
): Promise<string> {
  const { options } = request;
  checkStart(options);
  const definition = await define(context, target, options.version);
  const { isParsed = false } = request.extras ?? {};
  const given = isParsed ? request.input : definition.parse(request.input);
  const input = encodeValue(given, `the input of workflow "${definition.name}"`);
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
  if (answer.type === 'refused' || !answer.created[0]?.isNew) context.worker?.releasePlace(batch.run);
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

function checkStart(options: StartOptions): void {
  checkOptions(options, { where: 'start', known: KNOWN, notYet: NOT_YET });
  const { id, idempotencyKey, trigger, version } = options;
  if (id !== undefined && !(typeof id === 'string' && RUN_ID.test(id)))
    throw pawlError('RUN_ID_INVALID', { runId: id });
  checkWhole(options.priority, 'start.priority', { from: -100, to: 100 });
  checkLabels(options.labels, 'start.labels');
  checkText(options.by, 'start.by', MAX_TEXT);
  checkText(idempotencyKey, 'start.idempotencyKey', MAX_TEXT);
  checkText(version, 'start.version', MAX_TEXT);
  for (const [option, text] of Object.entries({ idempotencyKey, by: options.by }))
    if (text === '')
      throw pawlError('OPTION_INVALID', { where: `start.${option}`, problem: 'it must not be empty' });
  if (trigger !== undefined && !TRIGGERS.includes(trigger))
    throw pawlError('OPTION_INVALID', {
      where: 'start.trigger',
      problem: `"${trigger}" is none of ${TRIGGERS.join(', ')}`,
    });
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
  const isOwned =
    definition.isHere && (context.worker?.promisePlace(definition, refOf(context, runId)) ?? false);
  const data: EventData<'run.created'> = {
    workflow: name,
    version,
    digest: definition.digest,
    trigger: making.extras?.trigger ?? { kind: options.trigger ?? 'api' },
    ...(context.tenant === DEFAULT_TENANT ? {} : { tenant: context.tenant }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(options.priority === undefined ? {} : { priority: options.priority }),
    ...deadline,
    ...(definition.isHere || making.extras?.isParsed ? {} : { unparsed: true }),
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
