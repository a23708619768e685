/** Packed data comes back as it was, and only what is ordinary is packed. */
import { describe, expect, test } from 'vitest';
import { EVENT_DATA, type NewEvent } from '../../run/index.ts';
import { DEFAULT_STORE_LIMITS } from '../store.ts';
import { checksumOf } from './checksum.ts';
import { decodeEvent } from './decode.ts';
import { encodeEvent, isEncodeProblem } from './encode.ts';
import { codeOfType, typeOfCode } from './event-codes.ts';
import { packData } from './pack.ts';

const usage = { inputTokens: 1, outputTokens: 2, costNanoUsd: 3 };
const ended = { endedAt: 1_000, durationMs: 5 };
const created = { workflow: 'w', version: '1', digest: 'd', trigger: { kind: 'api' } } as const;

const samples: [event: NewEvent, packed: string][] = [
  [{ type: 'step.completed', data: ended }, '[1000,5]'],
  [{ type: 'step.completed', data: { ...ended, start: { at: 993, after: { n: 4 } } } }, '[1000,5,2,4]'],
  [
    { type: 'step.completed', data: { ...ended, start: { at: 995, after: { n: 4, since: 2 } } } },
    '[1000,5,0,4,2]',
  ],
  [{ type: 'step.completed', data: { ...ended, start: { at: 1_005, after: { n: 0 } } } }, '[1000,5,-10,0]'],
  [{ type: 'run.started', data: { workerId: 'w1' } }, '["w1"]'],
  [{ type: 'run.created', data: created }, '["w","1","d","api"]'],
];

const plain: NewEvent[] = [
  { type: 'step.completed', data: { ...ended, attempt: 2 } },
  { type: 'step.completed', data: { ...ended, usage } },
  { type: 'step.completed', data: { ...ended, outcome: 'partial' } },
  { type: 'step.completed', data: { ...ended, answered: false } },
  { type: 'step.completed', data: { ...ended, start: { at: 990 } } },
  ...(['workerId', 'kind', 'label', 'check', 'input'] as const).map((key): NewEvent => {
    const start = { at: 990, after: { n: 1 }, [key]: 'x' };
    return { type: 'step.completed', data: { ...ended, start } };
  }),
  { type: 'step.failed', data: ended, payload: '{}' },
  { type: 'run.started', data: {} },
  { type: 'run.started', data: { workerId: 'w', parsed: true } },
  { type: 'run.created', data: { ...created, labels: { a: 'b' } } },
  { type: 'run.created', data: { ...created, trigger: { kind: 'retry', ref: 'r' } } },
  { type: 'run.completed', data: {} },
];

const place = { num: 3, seq: 7, at: 1_234 };

function throughAStore(event: NewEvent): unknown {
  const columns = encodeEvent(event, DEFAULT_STORE_LIMITS);
  if (isEncodeProblem(columns)) throw new Error(columns.problem);
  return decodeEvent({ ...place, ...columns, crc: checksumOf(place, columns) }, 'r');
}

describe('the data of an event', () => {
  test.each(samples)('is a list where it is ordinary: %j', (event, packed) => {
    expect(packData(event)).toBe(packed);
    expect(throughAStore(event)).toStrictEqual({ ...event, seq: 7, at: 1_234 });
  });

  test.each(plain)('is kept as it is where it says more: %j', (event) => {
    expect(packData(event)).toBe(JSON.stringify(event.data));
    expect(throughAStore(event)).toStrictEqual({ ...event, seq: 7, at: 1_234 });
  });

  test('has no key that a list would lose without anybody noticing', () => {
    const { shape } = EVENT_DATA['step.completed'];
    expect(Object.keys(shape).toSorted()).toEqual([
      'answered',
      'attempt',
      'durationMs',
      'endedAt',
      'outcome',
      'start',
      'usage',
    ]);
    const start = shape.start.unwrap().shape;
    expect(Object.keys(start).toSorted()).toEqual([
      'after',
      'at',
      'check',
      'input',
      'kind',
      'label',
      'workerId',
    ]);
    expect(Object.keys(start.after.unwrap().shape)).toEqual(['n', 'since']);
    expect(Object.keys(EVENT_DATA['run.started'].shape).toSorted()).toEqual(['parsed', 'workerId']);
  });

  test('drops what is undefined, as JSON does, and is packed all the same', () => {
    expect(
      packData({ type: 'step.completed', data: { ...ended, outcome: undefined, start: undefined } }),
    ).toBe('[1000,5]');
  });
});

describe('the code of an event type', () => {
  const types = Object.keys(EVENT_DATA) as NewEvent['type'][];

  test('is given to every type, and to one alone', () => {
    expect(types.map((type) => typeOfCode(codeOfType(type)))).toEqual(types);
    expect(typeOfCode(9_999)).toBeUndefined();
  });

  test('is the one that released databases hold', () => {
    const codes = types.map((type) => `${type} ${codeOfType(type)}`);
    expect(codes.slice(0, 3)).toEqual(['run.created 1', 'run.started 2', 'run.waiting 3']);
    expect(codes).toContain('step.completed 21');
    expect(codes).toContain('usage.reported 72');
  });
});
