/** Writes what is generated of the format of graphs: its JSON Schema for editors, docs/graph-format.md and docs/kinds.md. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CLAUSES } from '../packages/pawl/src/graph/contract.ts';
import {
  edgeSchema,
  joinSchema,
  limitsSchema,
  loopSchema,
  stateKeySchema,
  stepSchema,
} from '../packages/pawl/src/graph/fields.ts';
import { graphJsonSchema, jsonSchemaOf } from '../packages/pawl/src/graph/json-schema.ts';
import { DEFAULT_KINDS } from '../packages/pawl/src/graph/kind-table.ts';
import { isGoodLabel } from '../packages/pawl/src/graph/labels.ts';
import { WITH_SCHEMAS } from '../packages/pawl/src/graph/with-schemas.ts';
import * as kinds from '../packages/pawl/src/kinds/index.ts';

const WRITTEN = 'This page is written from the schemas in the sources (`npm run docs`).';

const WORDS = { string: 'text', integer: 'whole number', boolean: 'true or false', object: 'object' };

/** The type of a field in words. */
function typeOf(schema) {
  const { title, type, anyOf, items, pattern, additionalProperties: more } = schema;
  if (title !== undefined) return title;
  if ('const' in schema) return `\`${schema.const}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(' ');
  if (anyOf) return [...new Set(anyOf.map(typeOf))].join(' or ');
  if (type === 'array') return `list of ${typeOf(items)}`;
  if (type === 'object' && more) return `object of ${typeOf(more)}`;
  if (pattern === '\\{\\{') return 'template';
  if (Array.isArray(type)) return type.map((one) => typeOf({ type: one })).join(' or ');
  return WORDS[type] ?? type ?? 'anything';
}

function cell(text) {
  return text.replaceAll('|', '\\|');
}

function fieldRow([name, field], required) {
  const mark = required.includes(name) ? ' (needed)' : '';
  const value = 'default' in field ? `\`${JSON.stringify(field.default)}\`` : '';
  return `| \`${name}\`${mark} | ${cell(typeOf(field))} | ${value} | ${cell(field.description ?? '')} |`;
}

function fieldTable({ properties, required = [] }) {
  const rows = Object.entries(properties).map((entry) => fieldRow(entry, required));
  return ['| field | type | default | means |', '|---|---|---|---|', ...rows, ''];
}

function section(title, schema, ...notes) {
  return [`## ${title}`, '', ...notes.flatMap((note) => [note, '']), ...fieldTable(schema)];
}

/** docs/graph-format.md, as it has to be. */
export function graphFormatPage() {
  return page([
    '# The format of graphs',
    '',
    `Every field of a graph; [graphs.md](graphs.md) says what they do together. ${WRITTEN}`,
    '',
    ...section(
      'The graph',
      graphJsonSchema(),
      'Unknown fields are errors. A duration is a text such as `"30s"`, or milliseconds.',
    ),
    ...section(
      'A key of the state',
      jsonSchemaOf(stateKeySchema),
      'A JSON Schema (2020-12) with two fields more.',
    ),
    ...section('`limits`', jsonSchemaOf(limitsSchema)),
    ...section(
      'A step',
      jsonSchemaOf(stepSchema),
      'What `with` takes is a matter of the kind: [kinds.md](kinds.md).',
    ),
    ...section(
      '`join` with a count',
      jsonSchemaOf(joinSchema.options[1]),
      '`join: any` is short for a count of 1.',
    ),
    ...section('An edge', jsonSchemaOf(edgeSchema), '`"a -> b"` is short for `{ from: a, to: b }`.'),
    ...section('`loop`', jsonSchemaOf(loopSchema)),
  ]);
}

const OPENS = {
  step: 'a worker executes it on a slot',
  wait: 'it waits, and holds no slot',
  child: 'it is a run of its own',
};

/** What takes no time stays where its run is driven; only work has a queue. */
function runsWhere({ name, opens, queue }) {
  if (opens !== 'step') return OPENS[opens];
  if (name === 'map') return 'it holds no slot; its items are steps of their own';
  return executorOf(name)?.isInline
    ? 'where its run is driven, unless it names a queue'
    : `${OPENS.step}; queue \`${queue}\``;
}

function executorOf(name) {
  return Object.values(kinds).find((one) => one?.name === name && 'execute' in one);
}

/** Limits that a kind has of itself. */
function kindDefaults(name) {
  const kind = executorOf(name);
  const retry = kind?.retry === undefined ? [] : [`retry \`${JSON.stringify(kind.retry)}\``];
  return [...(kind?.timeout === undefined ? [] : [`timeout \`${kind.timeout}\``]), ...retry];
}

function kindSection({ name, labels, queue, opens, isLater, does, gives }) {
  const good = labels.filter(isGoodLabel).map((label) => `\`${label}\``);
  const bad = [...labels.filter((label) => !isGoodLabel(label)), 'failed'].map((label) => `*${label}*`);
  const ends = [...(name === 'condition' ? ['the names of its branches'] : good), ...bad].join(', ');
  const facts = [
    `- **Ends as** ${ends}`,
    ...(gives === undefined ? [] : [`- **Output**: ${gives}`]),
    `- **Runs**: ${runsWhere({ name, opens, queue })}`,
    ...(kindDefaults(name).length === 0 ? [] : [`- **Defaults**: ${kindDefaults(name).join(', ')}`]),
  ];
  const schema = WITH_SCHEMAS[name];
  const isBare = schema === undefined || Object.keys(schema.shape).length === 0;
  const fields = isBare ? [] : fieldTable(jsonSchemaOf(schema));
  const later = 'Part of the format; this version refuses it at registration.';
  const clauses = name === 'verify' ? clauseTable() : [];
  const readme = `packages/pawl/src/kinds/${name}/README.md`;
  const more = existsSync(new URL(`../${readme}`, import.meta.url))
    ? [`[More about it](../${readme}).`, '']
    : [];
  return [
    `## ${name}`,
    '',
    isLater ? `${does} ${later}` : does,
    '',
    ...facts,
    '',
    ...fields,
    ...clauses,
    ...more,
  ];
}

/** What clauses look at comes first; then the fields that go with it, each with the clauses that have it. */
function clauseTable() {
  const subjects = Object.keys(CLAUSES);
  const fields = new Map();
  for (const [clause, { shape }] of Object.entries(CLAUSES))
    for (const [name, { description = '' }] of Object.entries(shape))
      fields.set(name, { description, clauses: [...(fields.get(name)?.clauses ?? []), clause] });
  const companions = [...fields.keys()].filter((name) => !subjects.includes(name));
  const rows = [...subjects, ...companions].map((name) => {
    const { description, clauses } = fields.get(name);
    const owners = clauses.length === subjects.length ? 'every clause' : clauses.join(' ');
    return `| \`${name}\` | ${cell(description)} | ${subjects.includes(name) ? '' : owners} |`;
  });
  return ['| of a clause | means | with |', '|---|---|---|', ...rows, ''];
}

/** docs/kinds.md, as it has to be. */
export function kindsPage() {
  return page([
    '# Step kinds',
    '',
    `What a step of a graph can do, and what its \`with\` takes. ${WRITTEN}`,
    '',
    'Labels in italics are not good: an edge has to name them, else the run fails. Every text may hold templates; where',
    'a type says template, a text that is one template stands for a value of that type.',
    '',
    ...DEFAULT_KINDS.flatMap(kindSection),
  ]);
}

function page(lines) {
  return `${lines.join('\n').trimEnd()}\n`;
}

export function graphSchemaText() {
  return `${JSON.stringify(graphJsonSchema(), null, 2)}\n`;
}

const schemaFile = fileURLToPath(new URL('../packages/pawl/src/graph/graph.schema.json', import.meta.url));

export function graphSchemaInPlace() {
  return readFileSync(schemaFile, 'utf8');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = new URL('../docs/', import.meta.url);
  writeFileSync(schemaFile, graphSchemaText());
  writeFileSync(new URL('graph-format.md', folder), graphFormatPage());
  writeFileSync(new URL('kinds.md', folder), kindsPage());
}
