/** An event as the columns of its row, checked before any transaction begins: one bad event must not fail its neighbours. */
import { Buffer } from 'node:buffer';
import { EVENT_DATA, type NewEvent } from '../../run/index.ts';
import { digestText } from '../../std/index.ts';
import type { EncodedEvent, StoreLimits } from '../store.ts';
import { codeOfType } from './event-codes.ts';
import { packData } from './pack.ts';

/** Why an event cannot be stored. */
export interface EncodeProblem {
  readonly problem: string;
}

/** UTF-8 needs at most three bytes for each UTF-16 unit. */
const MAX_BYTES_PER_UNIT = 3;

export function encodeEvent(event: NewEvent, limits: StoreLimits): EncodedEvent | EncodeProblem {
  const data = packData(event);
  const payload = event.payload ?? null;
  const path = event.path ?? null;
  const actor = event.actor ?? null;
  const problem =
    dataProblem(event) ??
    textProblem('path', path) ??
    textProblem('actor', actor) ??
    sizeProblem('data', data, limits.payloadBytes) ??
    textProblem('data', data) ??
    textProblem('payload', payload) ??
    sizeProblem('payload', payload, limits.payloadBytes);
  if (problem !== undefined)
    return { problem: `${event.type}${path === null ? '' : ` of "${path}"`}: ${problem}` };
  const blob = blobOf(payload, limits.inlineBytes);
  return { type: codeOfType(event.type), path, actor, data, payload, blob };
}

export function isEncodeProblem(value: EncodedEvent | EncodeProblem): value is EncodeProblem {
  return 'problem' in value;
}

/** Made by the engine alone, thousands a second, of parts that were checked before: not looked at again. */
const HOT: ReadonlySet<string> = new Set([
  'step.started',
  'step.completed',
  'step.retried',
  'step.failed',
  'run.started',
  'run.waiting',
]);

/** What could not be read back is not written. */
function dataProblem(event: NewEvent): string | undefined {
  if (HOT.has(event.type)) return undefined;
  const parsed = EVENT_DATA[event.type].safeParse(event.data);
  const issue = parsed.success ? undefined : parsed.error.issues[0];
  return issue && `${issue.path.map(String).join('.')}: ${issue.message}`;
}

function textProblem(what: string, text: string | null): string | undefined {
  if (text === null) return undefined;
  if (!text.isWellFormed()) return `its ${what} holds a lone surrogate`;
  return text.includes('\u0000') ? `its ${what} holds a NUL character` : undefined;
}

function sizeProblem(what: string, text: string | null, limit: number): string | undefined {
  if (text === null || text.length * MAX_BYTES_PER_UNIT <= limit) return undefined;
  const bytes = Buffer.byteLength(text);
  return bytes <= limit ? undefined : `its ${what} is ${bytes} bytes long; the limit is ${limit}`;
}

function blobOf(payload: string | null, inlineBytes: number): EncodedEvent['blob'] {
  if (payload === null || payload.length * MAX_BYTES_PER_UNIT <= inlineBytes) return null;
  const bytes = Buffer.byteLength(payload);
  return bytes <= inlineBytes ? null : { digest: digestText(payload), bytes };
}
