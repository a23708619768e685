/** What `with` may hold, kind by kind: the one source of its fields for the validator, editors, the builder and docs/kinds.md. */
import { z } from 'zod';
import { CLAUSES } from './contract.ts';

/** A text with a template in it stands for a value of any type. */
const template = z.string().regex(/\{\{/);

function orTemplate<Schema extends z.ZodType>(schema: Schema): z.ZodUnion<[Schema, typeof template]> {
  return z.union([schema, template]);
}

const secret = z.strictObject({ secret: z.string() }).meta({ title: 'secret' });
const textOrSecret = z.union([z.string(), secret]);
const scalar = z.union([z.string(), z.number(), z.boolean(), secret]);
const scalars = z.record(z.string(), z.union([scalar, z.array(scalar)])).meta({ title: 'object of values' });
const duration = z.union([z.string(), z.number()]).meta({ title: 'duration' });
const jsonSchema = z.union([z.boolean(), z.record(z.string(), z.unknown())]).meta({ title: 'JSON Schema' });
const names = z.array(z.string()).min(1);
const { command, argv, text, value, files, expression } = CLAUSES;

export const WITH_SCHEMAS = {
  shell: z.strictObject({
    command: z.string().optional().describe('Run by `/bin/sh -c`. Either this or `argv`.'),
    argv: orTemplate(names).optional().describe('Program and arguments, run without a shell.'),
    cwd: z.string().optional().describe('Working folder: that of the worker when left out.'),
    env: orTemplate(z.record(z.string(), textOrSecret))
      .optional()
      .describe('Variables besides those of the worker.'),
    cleanEnv: orTemplate(z.boolean())
      .optional()
      .meta({ default: false, description: 'The command gets nothing of the environment of the worker.' }),
    stdin: z.string().optional().describe('Written to its standard input.'),
    allowExit: orTemplate(z.union([z.array(z.int()), z.literal(true)]))
      .optional()
      .describe('Exit codes besides 0 that are data; `true`: all of them.'),
  }),
  http: z.strictObject({
    url: z.string().describe('An `http:` or `https:` URL.'),
    method: z.string().optional().meta({ default: 'GET', description: 'The method.' }),
    headers: orTemplate(z.record(z.string(), textOrSecret))
      .optional()
      .describe('Headers, secrets among them.'),
    query: orTemplate(scalars).optional().describe('Added to the query of the URL.'),
    body: z.string().optional().describe('Sent as it is. At most one of `body`, `json` and `form`.'),
    json: z.unknown().optional().describe('Sent as JSON.'),
    form: orTemplate(scalars).optional().describe('Sent as `application/x-www-form-urlencoded`.'),
    allowStatus: orTemplate(z.union([z.array(z.int()), z.literal(true)]))
      .optional()
      .describe('Statuses besides 2xx that are data; `true`: all of them.'),
    allowPrivate: orTemplate(z.boolean())
      .optional()
      .meta({ default: false, description: 'Hosts that are not on the public internet are allowed.' }),
    maxBodyBytes: orTemplate(z.int().min(1))
      .optional()
      .meta({ default: 10_485_760, description: 'The longest body of an answer, decoded.' }),
  }),
  function: z.strictObject({
    function: z.string().describe('The name under which the engine was given the function.'),
    input: z.unknown().optional().meta({ default: null, description: 'What the function gets.' }),
  }),
  parallel: z.strictObject({}),
  join: z.strictObject({}),
  condition: z.strictObject({
    branches: z
      .array(z.strictObject({ name: z.string(), when: z.string() }))
      .min(1)
      .describe('Labels with their expressions: the first that is true wins.'),
    default: z
      .string()
      .optional()
      .describe('The label where none is true: without it the step fails then (`NO_BRANCH`).'),
  }),
  map: z.strictObject({
    items: orTemplate(z.array(z.unknown())).describe('The list: its step runs once for each item.'),
    step: z
      .record(z.string(), z.unknown())
      .describe('What runs for each item: a kind and its `with`. Templates speak of `item` and `index` too.'),
    concurrency: orTemplate(z.int().min(1))
      .optional()
      .meta({ default: 16, description: 'Items at the same time.' }),
    strategy: z
      .enum(['all', 'first', 'quorum', 'minSuccess'])
      .optional()
      .describe('When it has enough: `all` where neither it nor `minSuccess` is there.'),
    minSuccess: orTemplate(z.int().min(0)).optional().describe('Good items that are needed.'),
    key: z.string().optional().describe('A template that names an item: its index when left out.'),
  }),
  reduce: z.strictObject({
    items: orTemplate(z.array(z.unknown())).describe('The list that one value is made of.'),
    strategy: z.string().describe('How: `concat collect merge vote expression`.'),
    separator: z
      .string()
      .optional()
      .meta({ default: '\n', description: 'For `concat`: what stands between two texts.' }),
    expression: z.string().optional().describe('For `expression`: CEL over `items`.'),
  }),
  verify: z.strictObject({
    clauses: z
      .array(z.union([command, argv, text, value, files, expression]))
      .min(1)
      .describe(
        'What must hold, all of it. A clause looks at one thing: `command` or `argv`, `text`, `value`, `files`, `expression`.',
      ),
  }),
  workflow: z.strictObject({
    workflow: z.string().describe('The name of the workflow that runs as a child.'),
    version: z
      .string()
      .optional()
      .describe('Its version: the registered one, else the newest, when left out.'),
    input: z.unknown().optional().meta({ default: null, description: 'What the child gets.' }),
  }),
  sleep: z.strictObject({
    for: duration.optional().describe('How long. Either this or `until`.'),
    until: z.string().optional().describe('A time with its zone, such as `2026-01-31T09:00:00Z`.'),
  }),
  signal: z.strictObject({
    name: z.string().optional().describe('The name of the signal: that of the step when left out.'),
    timeout: duration
      .optional()
      .describe('After this time it ends as `expired`: it waits for ever when left out.'),
    schema: orTemplate(jsonSchema).optional().describe('JSON Schema of the payload: another one is refused.'),
  }),
  approval: z.strictObject({
    message: z.string().describe('What is asked.'),
    args: z.unknown().optional().describe('What is approved, shown to whoever decides.'),
    approvers: orTemplate(names).optional().describe('Who may decide: anybody when left out.'),
    deadline: duration
      .optional()
      .describe('After this time `onTimeout` decides: it waits for ever when left out.'),
    onTimeout: z
      .string()
      .optional()
      .meta({ default: 'expire', description: 'What the deadline means: `expire`, `approve` or `reject`.' }),
  }),
  input: z.strictObject({
    message: z.string().optional().describe('What is asked.'),
    schema: orTemplate(jsonSchema).optional().describe('JSON Schema of the answer: another one is refused.'),
    deadline: duration
      .optional()
      .describe('After this time it ends as `expired`: it waits for ever when left out.'),
  }),
  escalate: z.strictObject({
    to: z.string().describe('Who decides: `human:NAME` or `agent:NAME`.'),
    message: z.string().describe('What it is about.'),
    args: z.unknown().optional().describe('What it is about in full, shown to whoever decides.'),
    deadline: duration
      .optional()
      .describe('After this time it ends as `expired`: it waits for ever when left out.'),
  }),
} as const satisfies Record<string, z.ZodObject>;

/** What a kind's `with` must and may hold. */
export function fieldsOf({ shape }: z.ZodObject): {
  readonly required: readonly string[];
  readonly optional: readonly string[];
} {
  const isNeeded = (name: string): boolean => !(shape[name] instanceof z.ZodOptional);
  const all = Object.keys(shape);
  return { required: all.filter(isNeeded), optional: all.filter((name) => !isNeeded(name)) };
}
