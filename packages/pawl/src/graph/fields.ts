/** The fields of the format, as schemas: strict, so that nothing is accepted and ignored. */
import { z } from 'zod';
import { MAX_CONCURRENT_STEPS, MAX_DISPATCH, MAX_MAP_ITEMS, MAX_STEPS } from './defaults.ts';
import { expressionOf } from './template.ts';

const text = z.string().max(10_000);
const name = z
  .string()
  .regex(
    /^[^/#:\s\p{Cc}\p{Cs}]{1,64}$/u,
    'must have 1 to 64 characters, and no white space, "/", "#" and ":"',
  );
const labels = z.record(z.string(), z.string());
const metadata = z.record(z.string(), z.unknown());
const duration = z
  .union([z.string(), z.number()], 'must be a duration such as "30s"')
  .meta({ title: 'duration' });
const expression = z.string('must be an expression').min(1).meta({ title: 'expression' });
const retry = z
  .union([z.string(), z.record(z.string(), z.unknown())], 'must be a name or a policy')
  .meta({ title: 'name or policy' });
const schema = z
  .union([z.boolean(), z.record(z.string(), z.unknown())], 'must be a JSON Schema')
  .meta({ title: 'JSON Schema' });
const count = z.int().min(1);

/** An expression, or one for each key. */
const outputs = z.union(
  [expression, z.record(z.string(), expression)],
  'must be an expression or { key: expression }',
);

/** How a key of the state takes what steps save: `MERGES` in decide has the meaning of each. */
export const MERGE_RULES = ['replace', 'append', 'merge', 'max', 'sum'] as const;
export type MergeRule = (typeof MERGE_RULES)[number];

export const stateKeySchema = z.looseObject({
  merge: z
    .enum(MERGE_RULES)
    .optional()
    .meta({ default: 'replace', description: 'How the key takes what steps save.' }),
  default: z.unknown().optional().describe('Its first value, for `replace` and `max`: null when left out.'),
});

export const limitsSchema = z.strictObject({
  maxConcurrentSteps: count
    .max(10_000)
    .optional()
    .meta({ default: MAX_CONCURRENT_STEPS, description: 'Steps that execute at the same time.' }),
  maxDispatch: count
    .max(10_000)
    .optional()
    .meta({ default: MAX_DISPATCH, description: 'Steps that one decision hands over.' }),
  maxSteps: count
    .optional()
    .describe('Visits of a run, then it parks: four times what its loops allow when left out.'),
});

export const joinSchema = z.union(
  [
    z.enum(['all', 'any']),
    z.strictObject({
      count: count.describe('So many taken edges start it.'),
      losers: z
        .enum(['continue', 'cancel'])
        .optional()
        .meta({ default: 'continue', description: 'What becomes of branches that lead nowhere else.' }),
    }),
  ],
  'must be all, any or { count: n, losers: continue | cancel }',
);
export type JoinField = z.infer<typeof joinSchema>;

const described = {
  title: text.optional().describe('A name for people.'),
  description: text.optional().describe('What it is for.'),
  labels: labels.optional().describe('Keys and values to find it by.'),
  metadata: metadata.optional().describe('Whatever others want to keep with it.'),
};

export const stepSchema = z.strictObject({
  kind: z.string().describe('What the step does.'),
  ...described,
  with: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('What the kind gets; texts may hold templates.'),
  save: outputs
    .optional()
    .describe('What of the output goes into the state: { key: expression }, or one expression.'),
  join: joinSchema.optional().meta({
    default: 'all',
    description: 'How many of the edges that lead to it start it; `all`: as many as are taken.',
  }),
  retry: retry.optional().describe('A policy, or the name of one: none, io, model, or one of `retries`.'),
  timeout: duration.optional().describe('Of one attempt.'),
  deadline: duration.optional().describe('Of the step with all its attempts; 1m with `finalize`.'),
  heartbeat: duration
    .optional()
    .describe('An attempt that gives no sign of life (`heartbeat()`, `progress`) for so long has timed out.'),
  onExhausted: z
    .enum(['fail', 'park'])
    .optional()
    .meta({ default: 'fail', description: 'What happens when the attempts are used up.' }),
  atMostOnce: z.boolean().optional().meta({
    default: false,
    description: 'It never fires twice; where its fate is unknown, the run parks.',
  }),
  repeatable: z.boolean().optional().meta({ default: false, description: 'It may safely run again.' }),
  queue: name
    .optional()
    .describe('Where it waits for a worker that serves this queue, unless the one that drives the run does.'),
  dispatch: z
    .boolean()
    .optional()
    .describe('It waits for a worker of its queue in any case, which may be the one that drives the run.'),
  outputSchema: schema.optional().describe('JSON Schema of its output; what does not fit has failed.'),
  finalize: z
    .enum(['success', 'failure', 'always'])
    .optional()
    .describe('It runs after the end, and takes no edges.'),
});
export type StepFields = z.infer<typeof stepSchema>;

/** What runs for each item of a map: a step without what ties it to others. */
export const itemSchema = stepSchema.omit({ save: true, join: true, finalize: true });
export type ItemFields = z.infer<typeof itemSchema>;

/** A text that is one template, and so gives whatever its expression gives. */
const template = z.string().refine((text) => expressionOf(text) !== undefined);

function amount(least: number): z.ZodOptional<z.ZodType<string | number>> {
  const fits = (value: unknown): boolean =>
    typeof value === 'string'
      ? expressionOf(value) !== undefined
      : Number.isInteger(value) && Number(value) >= least;
  return z
    .custom<string | number>(fits, `must be a whole number from ${least}, or a template that gives one`)
    .optional();
}

/** `with` of a map; which fields there are is judged as for every kind. */
export const mapSchema = z.looseObject({
  items: z
    .union(
      [z.array(z.unknown()).max(MAX_MAP_ITEMS), template],
      `must be a list of at most ${MAX_MAP_ITEMS} items, or a template that gives one`,
    )
    .optional(),
  step: z
    .record(z.string(), z.unknown(), 'must be what runs for each item: a kind, and its `with`')
    .optional(),
  concurrency: amount(1),
  strategy: z
    .enum(['all', 'first', 'quorum', 'minSuccess'], 'must be all, first, quorum or minSuccess')
    .optional(),
  minSuccess: amount(0),
  key: z
    .string()
    .includes('{{', {
      error: 'must be a text with a template that tells the items apart, such as "{{ item.id }}"',
    })
    .optional(),
});
export type MapFields = z.infer<typeof mapSchema>;

export const loopSchema = z.strictObject({
  max: count.max(1_000_000).describe('Visits of its target, the first one included.'),
});

export const edgeSchema = z.strictObject({
  from: z.string().describe('The step that it leaves.'),
  to: z.string().describe('The step that it leads to, or end.'),
  on: z
    .union([z.string(), z.array(z.string()).min(1)], 'must be a label or a list of labels')
    .optional()
    .describe('Labels that it leaves on: good ones when left out, "*" for all.'),
  when: expression.optional().describe('Taken only where this is true.'),
  else: z.literal(true, 'must be true').optional().describe('Taken where no other edge of the label is.'),
  loop: loopSchema.optional().describe('It leads back: its target starts again.'),
});
export type EdgeFields = z.infer<typeof edgeSchema>;

/** Everything but steps and edges, which are read one by one so that each mistake has its place. */
export const topSchema = z.strictObject({
  $schema: z.string().optional().describe('For editors: where the JSON Schema of the format is.'),
  pawl: z.literal(1, 'must be 1, the version of the format').describe('The version of the format.'),
  workflow: name.describe('Its name.'),
  version: z
    .string('must be text; put it in quotes')
    .min(1)
    .max(64)
    .describe('Immutable: a changed graph needs a new one.'),
  ...described,
  input: schema.optional().describe('JSON Schema (2020-12) of the input.'),
  output: outputs.optional().describe('What the run gives: the final state when left out.'),
  outputSchema: schema.optional().describe('JSON Schema of the output.'),
  state: z
    .record(z.string(), stateKeySchema)
    .optional()
    .describe(
      'Keys of the state: JSON Schemas that their values fit, with merge and default. Without it any key may be saved.',
    ),
  stateFrom: z
    .literal('input', 'must be input')
    .optional()
    .describe('The keys of the input are the first state.'),
  start: z
    .union([z.string(), z.array(z.string()).min(1)], 'must be a step or a list of steps')
    .optional()
    .describe('Where it begins: at every step that no edge leads to when left out.'),
  retries: z
    .record(z.string(), z.record(z.string(), z.unknown()))
    .optional()
    .describe('Retry policies by name, for the steps.'),
  deadline: duration.optional().describe('Of the whole run.'),
  onFailure: z
    .enum(['cancel', 'drain'])
    .optional()
    .meta({ default: 'cancel', description: 'What becomes of open steps when the run fails.' }),
  limits: limitsSchema.optional().describe('How much at once, and how much in all.'),
  steps: z
    .record(name, z.unknown())
    .refine((steps) => Object.keys(steps).length > 0, 'must have at least one step')
    .refine((steps) => Object.keys(steps).length <= MAX_STEPS, `must have at most ${MAX_STEPS} steps`)
    .refine((steps) => !Object.hasOwn(steps, 'end'), 'must not have a step named "end", which ends a path')
    .describe('Steps by name.'),
  edges: z.array(z.unknown()).optional().describe('What follows what: "a -> b", or objects.'),
});
export type TopFields = z.infer<typeof topSchema>;

/** Fields that have a meaning in the format and none in this version. */
export const LATER_TOP_FIELDS = [
  'policy',
  'budget',
  'autonomy',
  'models',
  'agents',
  'tools',
  'mcpServers',
  'remoteAgents',
  'contracts',
];
export const LATER_STEP_FIELDS = [
  'policy',
  'budget',
  'autonomy',
  'context',
  'accepts',
  'produces',
  'verify',
  'conversation',
  'workspace',
  'skills',
];
