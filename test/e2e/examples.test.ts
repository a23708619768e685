/** Promises of the examples: each one runs as its comments say, and comes to the result that it shows. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type Ended, jsonOf, pawl, temporaryFolder } from './command.ts';
import { storeOfExamples } from './example-store.ts';

const examples = fileURLToPath(new URL('../../examples', import.meta.url));
const cwd = temporaryFolder();
const environment = storeOfExamples();

function call(...args: readonly string[]): Promise<Ended> {
  return pawl(args, { cwd, env: environment() });
}

async function outputOf(example: string, ...args: readonly string[]): Promise<unknown> {
  const ended = await call('run', join(examples, example), '--json', ...args);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  return jsonOf(ended)['output'];
}

const tried = ['hello.ts', 'approval.ts', 'retries.ts', 'parallel-map.ts', 'child.ts'];

describe('the examples', () => {
  test('are all tried here', () => {
    const files = readdirSync(examples).filter((name) => name.endsWith('.ts'));
    expect(files.toSorted()).toEqual(tried.toSorted());
  });

  test('hello greets who is named', async () => {
    expect(await outputOf('hello.ts', '--input', '{ "who": "Ana" }')).toMatch(
      /^Hello, Ana! It is \p{L}+\.$/u,
    );
    expect(await outputOf('hello.ts')).toMatch(/^Hello, world!/);
  });

  test('approval waits for a person, and deploys or does not', async () => {
    const file = join(examples, 'approval.ts');
    for (const [verb, id, output] of [
      ['approve', 'deploy-1', { deployed: true, by: 'ana' }],
      ['reject', 'deploy-2', { deployed: false, decision: 'rejected' }],
    ] as const) {
      expect((await call('run', file, '--id', id)).code).toBe(4);
      expect((await call(verb, id, 'deploy', '--by', 'ana')).code).toBe(0);
      expect(await outputOf('approval.ts', '--resume', id)).toEqual(output);
    }
  });

  test('retries succeeds at its third attempt and pays the customer back', async () => {
    expect(await outputOf('retries.ts')).toEqual({
      attempts: 3,
      failed: 'CARD_DECLINED',
      refund: 'refunded',
    });
  });

  test('retries fails where it never succeeds', async () => {
    const ended = await call('run', join(examples, 'retries.ts'), '--json', '--input', '{ "succeedsAt": 9 }');
    expect([ended.code, jsonOf(ended)]).toMatchObject([1, { failure: { message: 'not yet: attempt 4' } }]);
  });

  test('parallel-map measures each page and lets a check fail', async () => {
    expect(await outputOf('parallel-map.ts', '--input', '{ "pages": ["a", "bcd"] }')).toEqual({
      sizes: { a: 1, bcd: 3 },
      total: 4,
      links: 'The command ended with exit code 3: broken link: /old',
    });
  });

  test('child translates into each language in a run of its own', async () => {
    expect(await outputOf('child.ts', '--id', 'publish-1')).toEqual(['de: morning good', 'fr: morning good']);
    const { runs } = jsonOf(await call('runs', '--json', '--workflow', 'translate')) as {
      runs: { parentRunId: string }[];
    };
    expect(runs.map((run) => run.parentRunId)).toEqual(['publish-1', 'publish-1']);
  });
});
