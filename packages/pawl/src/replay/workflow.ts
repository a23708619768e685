/** A workflow as a TypeScript function: its declared options, checked once, and the function itself. */
import { pawlError } from '../errors/index.ts';
import { type CancelContext, isName, requireName } from '../run/index.ts';
import {
  checkOptions,
  checkText,
  digestValue,
  type Duration,
  parseLimit,
  requireSchema,
  type Schema,
  schemaIdentity,
} from '../std/index.ts';
import { parseRetry, type Retry, type RetryPolicy } from '../step/index.ts';
import type { WorkflowContext } from './context.ts';
import { checkLabels } from './labels.ts';

export interface WorkflowOptions<Input, Output, Given = Input> {
  /** 1 to 64 characters without spaces, "/", "#" and ":". */
  readonly name: string;
  /** A version is immutable; `"1"` when left out. */
  readonly version?: string;
  /** Standard Schema of the input; parsed once, at start. What is given may be less than what it makes of it (defaults). */
  readonly input?: Schema<Input, Given>;
  /** Standard Schema of the output. */
  readonly output?: Schema<Output>;
  readonly labels?: Readonly<Record<string, string>>;
  /** Default retry policy of its steps. */
  readonly retry?: Retry;
  /** The run with everything in it must have ended by then. */
  readonly deadline?: Duration;
  /** Other versions whose live runs this code can go on with. */
  readonly compatible?: readonly string[];
  /** Runs when the run is cancelled, after its steps were aborted. */
  readonly onCancel?: (context: CancelContext) => unknown;
  readonly title?: string;
  readonly description?: string;
}

export type WorkflowFunction<Input, Output> = (
  ctx: WorkflowContext,
  input: Input,
) => Promise<Output> | Output;

/** A registered-to-be workflow; immutable. `Input` is what its function gets, `Given` what a start passes. */
export interface Workflow<Input = unknown, Output = unknown, Given = Input> {
  readonly name: string;
  readonly version: string;
  /** Digest of the declared options and schemas, not of the code. */
  readonly digest: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Default policy of its steps, where it was declared. */
  readonly retry: RetryPolicy | undefined;
  readonly deadlineMs: number | undefined;
  readonly compatible: readonly string[];
  readonly inputSchema: Schema<Input, Given> | undefined;
  readonly outputSchema: Schema<Output> | undefined;
  readonly onCancel: ((context: CancelContext) => unknown) | undefined;
  readonly run: WorkflowFunction<Input, Output>;
}

/** A function as a workflow, its types not known here. What it takes is unknown, so is what its schema gives. */
export interface FunctionWorkflow extends Omit<Workflow<never, unknown>, 'inputSchema'> {
  readonly inputSchema: Schema | undefined;
}

const KNOWN = [
  'name',
  'version',
  'input',
  'output',
  'labels',
  'retry',
  'deadline',
  'compatible',
  'onCancel',
  'title',
  'description',
];
const NOT_YET = [
  'policy',
  'budget',
  'autonomy',
  'context',
  'contract',
  'contracts',
  'models',
  'agents',
  'tools',
  'quorum',
  'roles',
  'queue',
  'state',
];

const MAX_TITLE = 256;
const MAX_DESCRIPTION = 16_384;

/**
 * Declares a workflow.
 * @throws `WORKFLOW_NAME_MISSING`, `WORKFLOW_NAME_INVALID`, `OPTION_UNKNOWN`, `OPTION_INVALID`, `NOT_SUPPORTED_YET`, `RETRY_INVALID`, `DURATION_INVALID`
 * @example
 * const hello = workflow({ name: 'hello' }, async (ctx, input: { who: string }) => {
 *   return await ctx.step('greet', () => `Hello, ${input.who}`);
 * });
 */
export function workflow<Input, Output, Given = Input>(
  options: WorkflowOptions<Input, Output, Given>,
  run: WorkflowFunction<Input, Output>,
): Workflow<Input, Output, Given> {
  const name = checkName(options);
  const where = `workflow "${name}"`;
  checkDeclared(options as WorkflowOptions<never, never>, where);
  const version = options.version ?? '1';
  requireName(version, `a version of ${where}`);
  if (typeof run !== 'function')
    throw pawlError('OPTION_INVALID', {
      where,
      problem: 'the second argument must be the workflow function',
    });
  const retry = options.retry === undefined ? undefined : parseRetry(options.retry, `${where}.retry`);
  const deadlineMs =
    options.deadline === undefined ? undefined : parseLimit(options.deadline, `${where}.deadline`);
  return Object.freeze({
    name,
    version,
    digest: digestValue({
      name,
      version,
      retry: retry ?? null,
      deadlineMs: deadlineMs ?? null,
      input: schemaIdentity(options.input),
      output: schemaIdentity(options.output),
    }),
    labels: options.labels ?? {},
    retry,
    deadlineMs,
    compatible: options.compatible ?? [],
    inputSchema: options.input,
    outputSchema: options.output,
    onCancel: options.onCancel,
    run,
  });
}

function checkName(options: { readonly name?: unknown }): string {
  const name = options?.name;
  if (name === undefined || name === '') throw pawlError('WORKFLOW_NAME_MISSING');
  if (!isName(name))
    throw pawlError('WORKFLOW_NAME_INVALID', { name: typeof name === 'string' ? name : typeof name });
  return name;
}

function checkDeclared(options: WorkflowOptions<never, never>, where: string): void {
  checkOptions(options, { where, known: KNOWN, notYet: NOT_YET });
  const { labels, title, description, compatible, onCancel } = options;
  requireSchema(options.input, `${where}.input`);
  requireSchema(options.output, `${where}.output`);
  checkLabels(labels, `${where}.labels`);
  checkText(title, `${where}.title`, MAX_TITLE);
  checkText(description, `${where}.description`, MAX_DESCRIPTION);
  if (onCancel !== undefined && typeof onCancel !== 'function')
    throw pawlError('OPTION_INVALID', { where: `${where}.onCancel`, problem: 'it must be a function' });
  if (compatible === undefined) return;
  if (!Array.isArray(compatible))
    throw pawlError('OPTION_INVALID', { where: `${where}.compatible`, problem: 'it is a list of versions' });
  for (const version of compatible) requireName(version, `a compatible version of ${where}`);
}
