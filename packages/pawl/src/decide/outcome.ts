/** Outcomes: what a delivery means for a graph: a label with an output, or a failure. */
import { messageOf } from '../errors/index.ts';
import { isGoodLabel, type KindSpec } from '../graph/index.ts';
import type { Command, Delivery } from '../run/index.ts';
import { decodePayload, type Json, type SchemaCompiler } from '../std/index.ts';
import type { Failure } from '../step/index.ts';

export interface Outcome {
  readonly label: string;
  readonly output: Json;
  readonly failure: Failure | undefined;
}

/** Labels of waits that have another name in a graph. */
const LABELS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  sleep: { resolved: 'ok' },
  escalate: { approved: 'resolved', rejected: 'declined' },
};

export function outcomeOf(kind: KindSpec, delivery: Delivery): Outcome {
  const label = LABELS[kind.name]?.[delivery.outcome] ?? delivery.outcome;
  const value = decodePayload(delivery.payload) ?? null;
  if (label === 'failed') return failed(value as unknown as Failure);
  if (isUndeclared(kind, label)) return answeredOutcome(kind, delivery.path, value);
  return { label, output: isDecision(kind) ? decisionOf(label, delivery) : value, failure: undefined };
}

function failed(failure: Failure): Outcome {
  return { label: 'failed', output: null, failure };
}

/** A person who says that a step happened says no label, and the step may have no `ok`. */
function isUndeclared({ opens, labels }: KindSpec, label: string): boolean {
  return label === 'ok' && opens === 'step' && !labels.includes(label);
}

/** It ended with the only good label of its kind; of several nobody knows which, and an edge has to be taken. */
function answeredOutcome({ name: kind, labels }: KindSpec, path: string, output: Json): Outcome {
  const [label, another] = labels.filter(isGoodLabel);
  if (label !== undefined && another === undefined) return { label, output, failure: undefined };
  const message = messageOf('OUTCOME_UNDECLARED', { kind, label: 'ok' });
  return failed({ class: 'terminal', code: 'OUTCOME_UNDECLARED', message, path });
}

/** A message that was buffered has met no schema before. */
export function receivedOutcome(command: Command, outcome: Outcome, schemas: SchemaCompiler): Outcome {
  const { label, output } = outcome;
  if (command.type !== 'OpenWait' || (label !== 'received' && label !== 'answered')) return outcome;
  const { schema, path } = command.wait;
  if (schema === undefined) return outcome;
  const compiled = schemas(schema as Json);
  const issues = compiled.ok ? compiled.schema.problemOf(output) : compiled.problem;
  if (issues === undefined) return outcome;
  const message = messageOf('RECEIVED_INVALID', { path, issues });
  return failed({ class: 'terminal', code: 'RECEIVED_INVALID', message, path });
}

function isDecision({ name }: KindSpec): boolean {
  return name === 'approval' || name === 'escalate';
}

function decisionOf(decision: string, { by, comment, endedAt }: Delivery): Json {
  return { decision, at: new Date(endedAt).toISOString(), by: by ?? null, comment: comment ?? null };
}

/** Labels under which nothing was achieved that could be saved. */
const WITHOUT_SAVE: ReadonlySet<string> = new Set(['failed', 'cancelled', 'expired']);

export function maySave(label: string): boolean {
  return !WITHOUT_SAVE.has(label);
}
