/** Promises of the commands that act on a run: approve, reject, answer, signal, cancel, pause, resume, retry. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Ended, errorOf, jsonOf, pawl, type Running, startPawl, temporaryFolder } from './command.ts';

const flows = fileURLToPath(new URL('flows.ts', import.meta.url));
const cwd = temporaryFolder();
let worker: Running;

/** One worker drives everything here, as it would in production. */
beforeAll(async () => {
  worker = startPawl(['worker', flows], { cwd });
  await worker.prints(/serves/);
});

function act(...args: readonly string[]): Promise<Ended> {
  return pawl(args, { cwd });
}

/** A run of this workflow, as soon as it waits. */
async function waiting(workflow: string, id: string, input = '{}'): Promise<void> {
  const ended = await act('run', workflow, '--id', id, '--input', input);
  expect(ended.code).toBe(4);
}

async function endOf(id: string): Promise<unknown> {
  await act('events', id, '--follow');
  const { status, output } = jsonOf(await act('show', id, '--json'));
  return output === undefined ? status : [status, output];
}

describe('a decision', () => {
  test('approves the one open gate, under the name that was given', async () => {
    await waiting('gate', 'approve-1');
    const ended = await act('approve', 'approve-1', '--by', 'ana', '--comment', 'fine');
    expect(ended).toMatchObject({ code: 0, stdout: 'approved run approve-1, by ana\n', stderr: '' });
    expect(await endOf('approve-1')).toEqual(['completed', { by: 'ana', comment: 'fine' }]);
    const late = await act('approve', 'approve-1', '--by', 'ana', '--json');
    expect([late.code, errorOf(late)['code']]).toMatchObject([
      2,
      expect.stringMatching(/^(?:GATE_CLOSED|RUN_TERMINAL)$/) as string,
    ]);
  });

  test('names its gate where several are open', async () => {
    await waiting('two-gates', 'gates-1');
    const unclear = await act('approve', 'gates-1', '--by', 'ana', '--json');
    expect([unclear.code, errorOf(unclear)]).toMatchObject([
      2,
      { code: 'GATE_AMBIGUOUS', message: expect.stringContaining('one') as string },
    ]);
    const approved = await act('approve', 'gates-1', 'one', '--by', 'ana', '--json');
    expect(jsonOf(approved)).toEqual({ runId: 'gates-1', path: 'one', decision: 'approved', by: 'ana' });
    const rejected = await act('reject', 'gates-1', 'two', '--by', 'bo');
    expect(rejected.stdout).toBe('rejected two of run gates-1, by bo\n');
    expect(await endOf('gates-1')).toEqual(['completed', ['approved', 'rejected']]);
  });

  test('rejects, and the run that does not catch it fails', async () => {
    await waiting('gate', 'reject-1');
    const rejected = await act('reject', 'reject-1', '--by', 'bo', '--json');
    expect(jsonOf(rejected)).toEqual({ runId: 'reject-1', decision: 'rejected', by: 'bo' });
    expect(await endOf('reject-1')).toBe('failed');
  });

  test('needs a person where nobody sits at a terminal, and a gate that is open', async () => {
    await waiting('gate', 'gate-x');
    for (const verb of ['approve', 'reject', 'answer']) {
      const nobody = await act(verb, 'gate-x', ...(verb === 'answer' ? ['1'] : []), '--json');
      expect([nobody.code, errorOf(nobody)['code']]).toEqual([2, 'PERSON_MISSING']);
    }
    const closed = await act('approve', 'gate-x', 'other', '--by', 'ana', '--json');
    expect([closed.code, errorOf(closed)['code']]).toEqual([2, 'GATE_CLOSED']);
  });
});

describe('an answer', () => {
  test('is JSON from the line, a file or standard input', async () => {
    writeFileSync(join(cwd, 'answer.json'), '{"from":"file"}');
    const sources = [
      { id: 'answer-1', args: ['"blue"'], stdin: '', output: 'blue' },
      { id: 'answer-2', args: ['color', '@answer.json'], stdin: '', output: { from: 'file' } },
      { id: 'answer-3', args: ['-'], stdin: '[1]', output: [1] },
    ];
    for (const { id, args, stdin, output } of sources) {
      await waiting('asks', id);
      const ended = await pawl(['answer', id, ...args, '--by', 'ana', '--json'], { cwd, stdin });
      expect(jsonOf(ended)).toMatchObject({ runId: id, value: output, by: 'ana' });
      expect(await endOf(id)).toEqual(['completed', output]);
    }
  });

  test('that is no JSON changes nothing', async () => {
    await waiting('asks', 'answer-4');
    const text = await act('answer', 'answer-4', 'blue', '--by', 'ana');
    expect([text.code, text.stderr]).toEqual([
      2,
      expect.stringContaining(`a text needs its quotes: '"blue"'`),
    ]);
    const file = await act('answer', 'answer-4', '@none.json', '--by', 'ana', '--json');
    expect([file.code, errorOf(file)['code']]).toEqual([2, 'FILE_UNREADABLE']);
    expect(jsonOf(await act('show', 'answer-4', '--json'))).toMatchObject({ status: 'waiting' });
    const ended = await act('answer', 'answer-4', '"red"', '--by', 'ana');
    expect(ended).toEqual({ code: 0, stdout: 'answered run answer-4, by ana\n', stderr: '' });
  });
});

describe('an answer about a step of unknown fate', () => {
  test('says with --outcome how it ended, and the graph goes on from there', async () => {
    const file = join(cwd, 'pay.json');
    const steps = { pay: { kind: 'pay', atMostOnce: true }, thank: { kind: 'join' } };
    const edges = [
      { from: 'pay', to: 'thank', on: 'paid' },
      { from: 'pay', to: 'end', on: 'free' },
    ];
    const output = '[steps.pay.outcome, steps.pay.output, steps.thank.status]';
    writeFileSync(file, JSON.stringify({ pawl: 1, workflow: 'pay', version: '1', steps, edges, output }));
    const again = ['run', file, '--with', fileURLToPath(new URL('paying.ts', import.meta.url))];
    const parked = await act(...again, '--id', 'pay-1');
    expect(parked.stdout).toMatch(/\nfailed {4}pay {2}STEP_THREW: reset\nparked {4}unknown_effect/);
    const said = await act('answer', 'pay-1', 'pay', '"receipt"', '--outcome', 'paid', '--by', 'ana');
    expect(said).toEqual({ code: 0, stdout: 'answered pay of run pay-1 as paid, by ana\n', stderr: '' });
    const ended = await act(...again, '--resume', 'pay-1');
    expect(ended.stdout).toMatch(/\ndone {6}pay {2}\d+ ms {2}paid\n/);
    expect(jsonOf(await act('show', 'pay-1', '--json'))).toMatchObject({
      output: ['paid', 'receipt', 'completed'],
    });
    expect((await act('events', 'pay-1')).stdout).toMatch(/step\.completed +pay +paid {2}0 ms {2}by ana/);
  });
});

describe('a signal', () => {
  test('reaches the run that waits for it, with its payload', async () => {
    await waiting('listens', 'signal-1');
    expect((await act('signal', 'signal-1', 'news', '{"n":1}')).stdout).toBe('sent news to run signal-1\n');
    expect(await endOf('signal-1')).toEqual(['completed', { n: 1 }]);
    const late = await act('signal', 'signal-1', 'news', '--json');
    expect([late.code, errorOf(late)['code']]).toEqual([2, 'RUN_TERMINAL']);
  });

  test('is kept where nobody waits for it', async () => {
    await waiting('gate', 'signal-2');
    expect(jsonOf(await act('signal', 'signal-2', 'early', '--json'))).toEqual({
      runId: 'signal-2',
      signal: 'early',
    });
    expect((await act('show', 'signal-2')).stdout).toContain('early × 1');
  });
});

describe('an operator', () => {
  test('cancels a run with its children, and says who and why', async () => {
    await waiting('parent', 'cancel-1');
    const ended = await act('cancel', 'cancel-1', '--by', 'ana', '--reason', 'not needed');
    expect(ended).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^(?:cancel of run cancel-1 is recorded|run cancel-1 is cancelled)/,
      ) as string,
    });
    expect(await endOf('cancel-1')).toBe('cancelled');
    expect((await act('show', 'cancel-1')).stdout).toContain('asked for by ana (not needed)');
    const runs = jsonOf(await act('runs', '--json', '--workflow', 'gate', '--status', 'cancelled'))[
      'runs'
    ] as readonly { readonly parentRunId?: string }[];
    expect(runs.map((run) => run.parentRunId)).toEqual(['cancel-1']);
    expect(jsonOf(await act('cancel', 'cancel-1', '--json'))).toEqual({
      runId: 'cancel-1',
      status: 'cancelled',
    });
    await act('run', 'quick', '--id', 'cancel-2');
    const late = await act('cancel', 'cancel-2', '--json');
    expect([late.code, errorOf(late)['code']]).toEqual([2, 'RUN_TERMINAL']);
  });

  test('pauses a run and lets it go on', async () => {
    await waiting('gate', 'pause-1');
    expect(jsonOf(await act('pause', 'pause-1', '--json'))).toEqual({ runId: 'pause-1', status: 'paused' });
    expect((await act('why', 'pause-1')).stdout).toContain('npx pawl resume pause-1');
    expect((await act('resume', 'pause-1')).stdout).toBe(
      'run pause-1 goes on as soon as a worker takes it\n',
    );
    await act('approve', 'pause-1', '--by', 'ana');
    expect(await endOf('pause-1')).toEqual(['completed', { by: 'ana' }]);
    const again = await act('resume', 'pause-1', '--json');
    expect([again.code, errorOf(again)['code']]).toEqual([
      2,
      expect.stringMatching(/^(?:RUN_NOT_PAUSED|RUN_TERMINAL)$/),
    ]);
  });

  test('gives a parked run new attempts, and starts a failed one again as a new run', async () => {
    const marker = join(cwd, 'marker');
    await waiting('parks', 'parks-1', JSON.stringify({ marker }));
    expect((await act('parked')).stdout).toMatch(
      /^parks-1 {2}parks@1 {2}retries_exhausted\n.*\n +npx pawl retry parks-1\n$/,
    );
    writeFileSync(marker, '');
    expect(jsonOf(await act('retry', 'parks-1', '--json'))).toMatchObject({ runId: 'parks-1' });
    expect(await endOf('parks-1')).toEqual(['completed', 'found']);

    expect((await act('run', 'fails', '--id', 'fails-1')).code).toBe(1);
    const { runId, retriedFrom } = jsonOf(await act('retry', 'fails-1', '--json'));
    expect([retriedFrom, runId === 'fails-1']).toEqual(['fails-1', false]);
    expect(await endOf(String(runId))).toBe('failed');
    expect((await act('retry', 'fails-1')).stdout).toMatch(
      /^run fails-1 is tried again as the new run [0-9a-f-]{36}\n$/,
    );
  });

  test('is told where there is nothing to do', async () => {
    await waiting('gate', 'idle-1');
    for (const [verb, code] of [
      ['resume', 'RUN_NOT_PAUSED'],
      ['retry', 'RUN_NOT_PARKED'],
    ] as const) {
      const ended = await act(verb, 'idle-1', '--json');
      expect([ended.code, errorOf(ended)['code']]).toEqual([2, code]);
    }
  });
});
