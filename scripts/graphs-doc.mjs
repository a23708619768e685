/** Writes what is generated of the format of graphs: its JSON Schema for editors, and the tables of docs/graphs.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { graphJsonSchema } from '../packages/pawl/src/graph/json-schema.ts';
import { CLAUSES } from '../packages/pawl/src/graph/contract.ts';
import { DEFAULT_KINDS } from '../packages/pawl/src/graph/kind-table.ts';
import { isGoodLabel } from '../packages/pawl/src/graph/labels.ts';

const page = fileURLToPath(new URL('../docs/graphs.md', import.meta.url));
const schemaFile = fileURLToPath(new URL('../packages/pawl/src/graph/graph.schema.json', import.meta.url));

function cell(text) {
  return text.replaceAll('|', '\\|');
}

function fieldTable({ properties, required = [] }) {
  const rows = Object.entries(properties).map(([name, { description = '' }]) => {
    const mark = required.includes(name) ? ' (needed)' : '';
    return `| \`${name}\`${mark} | ${cell(description)} |`;
  });
  return ['| field | means |', '|---|---|', ...rows].join('\n');
}

function kindTable() {
  const rows = DEFAULT_KINDS.map(({ name, labels, required, optional, queue, isLater }) => {
    const outcomes = labels.map((label) => (isGoodLabel(label) ? label : `*${label}*`));
    const fields = [...required.map((field) => `**${field}**`), ...(optional ?? [])];
    const kind = `\`${name}\`${isLater ? ' (not yet)' : ''}`;
    const given = name === 'condition' ? 'its branches' : outcomes.join(' ');
    return `| ${kind} | ${given} | ${fields.join(' ')} | ${queue} |`;
  });
  return ['| kind | labels | `with` | queue |', '|---|---|---|---|', ...rows].join('\n');
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
  return ['| field | means | of |', '|---|---|---|', ...rows].join('\n');
}

function tables() {
  const { properties } = graphJsonSchema();
  return {
    top: fieldTable({ ...graphJsonSchema(), properties }),
    step: fieldTable(properties.steps.additionalProperties),
    edge: fieldTable(properties.edges.items.anyOf[1]),
    kinds: kindTable(),
    clauses: clauseTable(),
  };
}

/** The page with its tables as they have to be. */
export function graphsPage(text = readFileSync(page, 'utf8')) {
  return Object.entries(tables()).reduce((whole, [name, table]) => {
    const between = new RegExp(`(<!-- ${name}: [^\\n]*-->\\n)[^]*?(<!-- ${name} end -->)`);
    return whole.replace(between, (_all, begin, end) => `${begin}\n${table}\n\n${end}`);
  }, text);
}

export function graphSchemaText() {
  return `${JSON.stringify(graphJsonSchema(), null, 2)}\n`;
}

export function graphSchemaInPlace() {
  return readFileSync(schemaFile, 'utf8');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(schemaFile, graphSchemaText());
  writeFileSync(page, graphsPage());
}
