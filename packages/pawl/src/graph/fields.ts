/** The fields of the format, as schemas: strict, so that nothing is accepted and ignored. */
import { z } from 'zod';
import { MAX_STEPS } from './defaults.ts';

const text = z.string().max(10_000);
const name = z
  .string()
  .regex(
    /^[^/#:\s\p{Cc}\p{Cs}]{1,64}$/u,
    'must have 1 to 64 characters, and no white space, "/", "#" and ":"',
  );
const labels = z.record(z.string(), z.string());
const metadata = z.record(z.string(), z.unknown());
const duration = z.union([z.string(), z.number()], 'must be a duration such as "30s"');
const expression = z.string('must be an expression').min(1);
const retry = z.union([z.string(), z.record(z.string(), z.unknown())], 'must be a name or a policy');
const schema = z.union([z.boolean(), z.record(z.string(), z.unknown())], 'must be a JSON Schema');
const count = z.int().min(1);

/** An expression, or one for each key. */
const outputs = z.union(
  [expression, z.record(z.string(), expression)],
  'must be an expression or { key: expression }',
);

/** How a key of the state takes what steps save: `MERGES` in decide has the meaning of each. */
export const MERGE_RULES = ['replace', 'append', 'merge', 'max', 'sum'] as const;
export type MergeRule = (typeof MERGE_RULES)[number];

const stateKeySchema = z.looseObject({ merge: z.enum(MERGE_RULES).optional() });

const limitsSchema = z.strictObject({
  maxConcurrentSteps: count.max(10_000).optional(),
  maxDispatch: count.max(10_000).optional(),
  maxSteps: count.optional(),
});

export const joinSchema = z.union(
  [z.enum(['all', 'any']), z.strictObject({ count, losers: z.enum(['continue', 'cancel']).optional() })],
  'must be all, any or { count: n, losers: continue | cancel }',
);
export type JoinField = z.infer<typeof joinSchema>;

const described = {
  title: text.optional(),
  description: text.optional(),
  labels: labels.optional(),
  metadata: metadata.optional(),
};

export const stepSchema = z.strictObject({
  kind: z.string(),
  ...described,
  with: z.record(z.string(), z.unknown()).optional(),
  save: outputs.optional(),
  join: joinSchema.optional(),
  retry: retry.optional(),
  timeout: duration.optional(),
  deadline: duration.optional(),
  onExhausted: z.enum(['fail', 'park']).optional(),
  atMostOnce: z.boolean().optional(),
  repeatable: z.boolean().optional(),
  outputSchema: schema.optional(),
  finalize: z.enum(['success', 'failure', 'always']).optional(),
});
export type StepFields = z.infer<typeof stepSchema>;

const loopSchema = z.strictObject({ max: count.max(1_000_000) });

export const edgeSchema = z.strictObject({
  from: z.string(),
  to: z.string(),
  on: z.union([z.string(), z.array(z.string()).min(1)], 'must be a label or a list of labels').optional(),
  when: expression.optional(),
  else: z.literal(true, 'must be true').optional(),
  loop: loopSchema.optional(),
});
export type EdgeFields = z.infer<typeof edgeSchema>;

/** Everything but steps and edges, which are read one by one so that each mistake has its place. */
export const topSchema = z.strictObject({
  pawl: z.literal(1, 'must be 1, the version of the format'),
  workflow: name,
  version: z.string('must be text; put it in quotes').min(1).max(64),
  ...described,
  input: schema.optional(),
  output: outputs.optional(),
  outputSchema: schema.optional(),
  state: z.record(z.string(), stateKeySchema).optional(),
  stateFrom: z.literal('input', 'must be input').optional(),
  start: z.union([z.string(), z.array(z.string()).min(1)], 'must be a step or a list of steps').optional(),
  retries: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
  deadline: duration.optional(),
  onFailure: z.enum(['cancel', 'drain']).optional(),
  limits: limitsSchema.optional(),
  steps: z
    .record(name, z.unknown())
    .refine((steps) => Object.keys(steps).length > 0, 'must have at least one step')
    .refine((steps) => Object.keys(steps).length <= MAX_STEPS, `must have at most ${MAX_STEPS} steps`)
    .refine((steps) => !Object.hasOwn(steps, 'end'), 'must not have a step named "end", which ends a path'),
  edges: z.array(z.unknown()).optional(),
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
  'heartbeat',
  'queue',
  'dispatch',
];
