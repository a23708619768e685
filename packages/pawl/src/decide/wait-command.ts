/** Waits: what the kinds that ask the outside open, from their resolved `with`. */
import type { Work } from '../graph/index.ts';
import { isName, type WaitSpec } from '../run/index.ts';
import { type Json, parseDuration, parseInstant, parseLimit, payloadOf } from '../std/index.ts';

export type WaitOpening =
  | { readonly ok: true; readonly opening: Omit<WaitSpec, 'path' | 'after'> }
  | { readonly ok: false; readonly problem: string };

type With = { readonly [key: string]: Json };

export function waitOf({ kind, name }: Work, input: With): WaitOpening {
  try {
    return { ok: true, opening: { name, ...OPENINGS[kind.name as keyof typeof OPENINGS](input) } };
  } catch (error) {
    return { ok: false, problem: (error as Error).message.replace(/\.$/, '') };
  }
}

/** A field of a resolved `with` that cannot be what it is. */
class Unfit extends Error {}

type Opening = Omit<WaitSpec, 'path' | 'after' | 'name'> & { readonly name?: string };

const OPENINGS: Readonly<
  Record<'sleep' | 'signal' | 'input' | 'approval' | 'escalate', (input: With) => Opening>
> = {
  sleep: (input) => ({ kind: 'sleep', ...(input.until === undefined ? dueIn(input, 'for') : dueAt(input)) }),
  signal: (input) => ({
    kind: 'signal',
    ...(input.name === undefined ? {} : { name: nameAt(input, 'name') }),
    ...dueIn(input, 'timeout'),
    schema: input.schema,
  }),
  input: (input) => ({
    kind: 'input',
    message: input.message === undefined ? undefined : textAt(input, 'message'),
    schema: input.schema,
    ...decidedIn(input),
  }),
  approval: (input) => ({
    kind: 'approval',
    message: textAt(input, 'message'),
    approvers: namesAt(input),
    payload: payloadOf(input.args),
    onTimeout: timeoutAnswer(input),
    ...decidedIn(input),
  }),
  escalate: (input) => ({
    kind: 'approval',
    message: textAt(input, 'message'),
    approvers: [textAt(input, 'to').replace(/^(?:human|agent):/, '')],
    payload: payloadOf(input.args),
    ...decidedIn(input),
  }),
};

function textAt(input: With, field: string): string {
  const value = input[field];
  if (typeof value === 'string' && value !== '') return value;
  throw new Unfit(`${field} must be a text`);
}

/** Nobody could send a signal of any other name. */
function nameAt(input: With, field: string): string {
  const name = textAt(input, field);
  if (isName(name)) return name;
  throw new Unfit(`${field} must be a name`);
}

function dueIn(
  input: With,
  field: string,
  parse: typeof parseDuration = parseDuration,
): { readonly dueInMs?: number } {
  const value = input[field];
  if (value === undefined) return {};
  if (typeof value !== 'string' && typeof value !== 'number') throw new Unfit(`${field} must be a duration`);
  return { dueInMs: parse(value, field) };
}

/** Nobody decides in no time. */
function decidedIn(input: With): { readonly dueInMs?: number } {
  return dueIn(input, 'deadline', parseLimit);
}

function dueAt(input: With): { readonly dueAt: number } {
  const time = parseInstant(textAt(input, 'until'));
  if (time === undefined) throw new Unfit('until must be a time such as 2026-01-31T09:00:00Z');
  return { dueAt: time };
}

function namesAt({ approvers }: With): readonly string[] | undefined {
  if (approvers === undefined) return undefined;
  if (Array.isArray(approvers) && approvers.length > 0 && approvers.every((one) => typeof one === 'string'))
    return approvers;
  throw new Unfit('approvers must be names, at least one');
}

const ANSWERS: ReadonlySet<Json | undefined> = new Set([undefined, 'expire', 'approve', 'reject']);

function timeoutAnswer({ onTimeout }: With): WaitSpec['onTimeout'] {
  if (ANSWERS.has(onTimeout)) return onTimeout as WaitSpec['onTimeout'];
  throw new Unfit('onTimeout must be expire, approve or reject');
}
