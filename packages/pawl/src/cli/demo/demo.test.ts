/** Promises of the demo's story, its proof and its screen. */
import { describe, expect, test } from 'vitest';
import type { NewEvent } from '../../run/index.ts';
import { PLAIN } from '../view/style.ts';
import { killLine, proofLines, rememberedLine, sceneLine, titleLine } from './demo-lines.ts';
import { proofOf, requireProof } from './proof.ts';
import { noteOf, type Scene, Story } from './story.ts';

const line = { style: PLAIN, columns: 90 };
const CREATED: NewEvent = {
  type: 'run.created',
  data: { workflow: 'check', version: '1', digest: 'd', trigger: { kind: 'cli' } },
};
const done = (path: string): NewEvent => ({
  type: 'step.completed',
  path,
  data: { start: { at: 1 }, endedAt: 2, durationMs: 3 },
  payload: '{"note":"fine"}',
});

function teller(): {
  readonly story: Story;
  readonly tell: (...events: readonly NewEvent[]) => (Scene | undefined)[];
} {
  const story = new Story('r1', 'default');
  let seq = 0;
  return {
    story,
    tell: (...events) => events.map((event) => story.take({ ...event, seq: ++seq, at: 1_000 * seq })),
  };
}

describe('the story', () => {
  test('gives each step to the worker under which it ended', () => {
    const { story, tell } = teller();
    tell(CREATED, done('a'), done('b'));
    story.noteKill(3_100);
    expect(story.isTakingOver).toBe(false);
    tell(done('c'));
    expect(story.isTakingOver).toBe(true);
    expect(story.gapMs).toBe(900);
    tell(done('d'));
    expect(story.isTakingOver).toBe(false);
    expect(story.byWorker).toEqual({ first: ['a', 'b'], second: ['c', 'd'] });
  });

  test('knows the step that was inside its work, and the gate that is open', () => {
    const { story, tell } = teller();
    tell(CREATED, { type: 'step.started', path: 'a', data: {} });
    expect(story.openStep).toBe('a');
    tell({
      type: 'approval.requested',
      path: 'gate',
      data: { name: 'gate', message: 'Go?', reason: 'workflow' },
    });
    expect(story.openApproval?.path).toBe('gate');
    const [, scene] = tell(
      { type: 'step.lost', path: 'a', data: {} },
      { type: 'wait.resolved', path: 'gate', actor: 'ana', data: { outcome: 'approved' } },
    );
    expect(scene).toEqual({ kind: 'decided', path: 'gate', decision: 'approved', by: 'ana' });
    expect(story.openApproval).toBeUndefined();
  });

  test.each([
    ['{"note":"n"}', 'n'],
    ['{"stdout":"\\n first\\nsecond","exitCode":0}', 'first'],
    ['{"status":200,"body":{"note":"n"}}', 'n'],
    ['{"code":"X","message":"m"}', 'm'],
    ['[1]', ''],
    ['', ''],
  ])('notes of %s that it is %j', (payload, note) => {
    expect(noteOf(payload)).toBe(note);
  });
});

describe('the proof', () => {
  test('holds where each step had one effect and each effect happened once', () => {
    const proof = proofOf({ steps: 3, effects: 'k1 a\nk2 b\n', requests: new Map([['k3', 2]]) });
    expect(proof).toMatchObject({ lines: 2, lineKeys: 2, requests: 2, requestKeys: 1, holds: true });
    expect(() => requireProof('completed', proof)).not.toThrow();
  });

  test('breaks where an effect happened twice', () => {
    const proof = proofOf({ steps: 2, effects: 'k1 a\nk2 b\nk1 a\n', requests: new Map() });
    expect(() => requireProof('completed', proof)).toThrow('a happened more than once.');
  });

  test('breaks where a step is recorded that had no effect', () => {
    const proof = proofOf({ steps: 2, effects: 'k1 a\n', requests: new Map() });
    expect(() => requireProof('completed', proof)).toThrow('2 steps are recorded, and 1 effects happened.');
  });
});

describe('the screen', () => {
  test('is aligned in columns', () => {
    expect(
      sceneLine(
        { kind: 'done', path: 'checks/license/license', durationMs: 12, attempt: 1, note: 'Apache' },
        line,
      ),
    ).toBe('  ✓ checks/license      12 ms  Apache');
    expect(sceneLine({ kind: 'done', path: 'reserve', durationMs: 7, attempt: 2, note: 'known' }, line)).toBe(
      '  ✓ reserve              7 ms  attempt 2: known',
    );
    expect(sceneLine({ kind: 'lost', path: 'reserve', note: '' }, line)).toMatch(
      /^ {2}! reserve {20}attempt 1 was lost/,
    );
  });

  test('cuts a long note', () => {
    expect(sceneLine({ kind: 'failed', path: 'a', note: 'x'.repeat(200) }, line)).toHaveLength(90);
  });

  test('names what was remembered by the last part of its path', () => {
    expect(rememberedLine(['a', 'checks/b/b'], line)).toBe('  ↺ 2 steps remembered, not run again: a, b');
    expect(rememberedLine(['a'], line)).toContain('1 step remembered');
  });

  test('says where the worker died', () => {
    expect(killLine(undefined, line)).toContain('between two steps');
    expect(killLine('reserve', line)).toContain('inside "reserve"');
    expect(titleLine('a check of x', line)).toContain('a check of x');
  });

  test('says of a repetition that it was recognized', () => {
    const proof = proofOf({ steps: 2, effects: 'k1 a\n', requests: new Map([['k2', 2]]) });
    const text = proofLines(proof, { first: 1, second: 1, gapMs: 300 }, line).join('\n');
    expect(text).toContain(
      '2 steps recorded: 1 by worker 1, 1 by worker 2, which went on 300 ms after the kill',
    );
    expect(text).toContain('1 effect with its own key');
    expect(text).toContain('2 requests with 1 key, the repetition recognized');
  });
});
