/** Outcomes: what a delivery means for a graph: a label with an output, or a failure. */
import type { KindSpec } from '../graph/index.ts';
import type { Delivery } from '../run/index.ts';
import { decodePayload, type Json } from '../std/index.ts';
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
  if (label === 'failed') return { label, output: null, failure: value as unknown as Failure };
  return { label, output: isDecision(kind) ? decisionOf(label, delivery) : value, failure: undefined };
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
