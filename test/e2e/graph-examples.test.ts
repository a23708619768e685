/** Promises of the example graphs: each runs by the command that stands at its top, and comes to the end that it tells of. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { rootFolder } from '../house/files.ts';
import { type Ended, jsonOf, pawl } from './command.ts';
import { storeOfExamples } from './example-store.ts';

const folder = join(rootFolder, 'examples/graphs');
const environment = storeOfExamples();

/** Calls the command in the repository, with a database of its own. */
function call(...args: readonly string[]): Promise<Ended> {
  return pawl(args, { cwd: rootFolder, env: environment() });
}

/** The words of each `npx pawl` command in a text, as a shell reads them. */
function commandsIn(text: string): string[][] {
  return [...text.matchAll(/npx pawl ((?:.*\\\n)*.*)/g)].map(([, command = '']) => {
    const words = command.replaceAll(/\\\n#? */g, '').match(/'[^']*'|"[^"]*"|\S+/g) ?? [];
    return words.map((word) => word.replaceAll(/^['"]|['"]$/g, ''));
  });
}

/** The command in the comment at the top of a graph. */
function documented(example: string): string[] {
  const comment = /^(?:#.*\n)+/.exec(readFileSync(join(folder, example), 'utf8'))?.[0] ?? '';
  return commandsIn(comment)[0] ?? [];
}

/** The same command with another input. */
function withInput(example: string, input: unknown): string[] {
  const words = documented(example);
  const at = words.indexOf('--input');
  return [...(at === -1 ? words : words.slice(0, at)), '--input', JSON.stringify(input)];
}

async function failureOf(...args: readonly string[]): Promise<unknown> {
  const ended = await call(...args, '--json');
  expect(ended).toMatchObject({ code: 1, stderr: '' });
  return jsonOf(ended)['failure'];
}

async function outputOf(...args: readonly string[]): Promise<unknown> {
  const ended = await call(...args, '--json');
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  return jsonOf(ended)['output'];
}

interface Step {
  readonly path: string;
  readonly status: string;
  readonly output?: unknown;
}

async function stepsOf(runId: string): Promise<readonly Step[]> {
  return jsonOf(await call('show', runId, '--json'))['steps'] as readonly Step[];
}

const tried = ['headline.yaml', 'newsletter.yaml', 'order.yaml', 'prices.yaml', 'review.yaml', 'words.yaml'];

test('all example graphs are tried here, and valid', async () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  expect(files.toSorted()).toEqual(tried.toSorted());
  for (const file of files)
    expect(await call('validate', join(folder, file))).toMatchObject({ code: 0, stderr: '' });
});

test('their page runs each of them by that command, whatever the input', () => {
  const page = readFileSync(join(rootFolder, 'examples/README.md'), 'utf8');
  const withoutOptions = (words: readonly string[]): readonly string[] => {
    const at = words.findIndex((word) => ['--input', '--id', '--resume'].includes(word));
    return at === -1 ? words : words.slice(0, at);
  };
  const shown = commandsIn(page)
    .filter(([verb, file]) => verb === 'run' && file?.startsWith('examples/graphs/') === true)
    .map(withoutOptions);
  expect(new Set(shown.map(([, file]) => file)).size).toBe(tried.length - 1); // headline.yaml is told of with newsletter.yaml
  for (const words of shown)
    expect(words).toEqual(withoutOptions(documented(words[1]?.split('/').at(-1) ?? '')));
});

describe('review', () => {
  test('mends until nothing is found, takes the words of who rejects, and publishes what is approved', async () => {
    const review = documented('review.yaml');
    const asked = await call(...review, '--id', 'review-1');
    expect(asked.code).toBe(4);
    expect(asked.stdout).toContain('approval  release  Publish "Say what changed"?');
    const [, goOn = ''] = /then it goes on with:\n {2}npx pawl (.*)/.exec(asked.stdout) ?? [];
    expect(goOn).toContain('review.yaml --with examples/graphs/review.ts --resume review-1');
    const rejected = ['reject', 'review-1', '--by', 'ana', '--comment', 'say who changed it'];
    expect((await call(...rejected)).code).toBe(0);
    const again = await call(...goOn.split(' '));
    expect(again.code).toBe(4);
    expect(again.stdout).toContain('approval  release#2  Publish "Say who changed it"?');
    expect((await call('approve', 'review-1', '--by', 'bob')).code).toBe(0);
    expect(await outputOf(...goOn.split(' '))).toEqual({
      text: 'Say who changed it',
      rounds: 6,
      by: 'bob',
      published: true,
    });
  });

  test('gives up a text that six rounds do not mend, and asks nobody', async () => {
    const text = 'todo '.repeat(7);
    expect(await outputOf(...withInput('review.yaml', { text }))).toMatchObject({
      rounds: 6,
      published: false,
    });
  });
});

describe('order', () => {
  test('books one after the other, and tells the customer', async () => {
    expect(await outputOf(...documented('order.yaml'), '--id', 'order-1')).toEqual({
      reservation: 'reservation of a lamp, key order-1:reserve',
      charge: 'charge of card 4242, key order-1:charge',
      parcel: 'parcel to Turin, key order-1:ship',
    });
    const steps = await stepsOf('order-1');
    expect(steps.map(({ path }) => path)).toEqual(['reserve', 'charge', 'ship', 'tell']);
    expect(steps.at(-1)?.output).toBe('your lamp is on its way');
  });

  test('gives back what it has booked, in the order of the graph, once nobody can ship', async () => {
    const input = { item: 'lamp', card: '4242', city: 'Atlantis' };
    expect(await failureOf(...withInput('order.yaml', input), '--id', 'order-2')).toMatchObject({
      code: 'OUTCOME_UNHANDLED',
      path: 'ship',
      cause: { message: 'no carrier goes to Atlantis (attempt 3)' },
    });
    const outputs = (await stepsOf('order-2')).slice(-3).map(({ path, output }) => [path, output]);
    expect(outputs).toEqual([
      ['refund', 'refunded: charge of card 4242, key order-2:charge'],
      ['restock', 'restocked: reservation of a lamp, key order-2:reserve'],
      ['tell', 'sorry, no lamp for you'],
    ]);
  });

  test('does not refund what was never paid', async () => {
    const input = { item: 'lamp', card: '1000', city: 'Turin' };
    expect(await failureOf(...withInput('order.yaml', input), '--id', 'order-3')).toMatchObject({
      path: 'charge',
      cause: { code: 'CARD_DECLINED' },
    });
    const outputs = (await stepsOf('order-3')).slice(-3).map(({ output }) => output);
    expect(outputs.slice(0, 2)).toEqual([
      'nothing to refund',
      'restocked: reservation of a lamp, key order-3:reserve',
    ]);
  });
});

test('prices takes the better of the two offers that come, and leaves who sleeps and who is closed', async () => {
  expect(await outputOf(...documented('prices.yaml'), '--id', 'prices-1')).toEqual({
    cheapest: { shop: 'south', price: 36 },
    asked: 2,
  });
  const statuses = new Map((await stepsOf('prices-1')).map(({ path, status }) => [path, status]));
  expect([statuses.get('east'), statuses.get('tomorrow'), statuses.has('west')]).toEqual([
    'failed',
    'cancelled',
    false,
  ]);
});

test('words counts what stands in each document of this repository, a durable step a file', async () => {
  const git = spawnSync('git', ['ls-files', 'docs/*.md'], { cwd: rootFolder, encoding: 'utf8' });
  const files = git.stdout.trim().split('\n');
  const wordsIn = (file: string): number =>
    readFileSync(join(rootFolder, file), 'utf8')
      .split(/\s+/)
      .filter((word) => word !== '').length;
  const counted = files.map((file) => ({ file, words: wordsIn(file) }));
  expect(files.length).toBeGreaterThan(10);
  expect(await outputOf(...documented('words.yaml'), '--id', 'words-1')).toEqual({
    files: files.length,
    long: counted.filter(({ words }) => words > 1_000).map(({ file }) => file),
    report: counted.map(({ file, words }) => `${file}: ${words}`).join('\n'),
  });
  const items = (await stepsOf('words-1')).filter(({ path }) => path.startsWith('count/item:'));
  expect(items.map(({ status }) => status)).toEqual(files.map(() => 'completed'));
});

describe('newsletter', () => {
  test('calls a workflow function, which calls a graph once a title: each is a run of its own', async () => {
    expect(await outputOf(...documented('newsletter.yaml'), '--id', 'letter-1')).toEqual({
      subject: 'Headlines of today',
      lines: ['a short one', 'a title that is much to…'],
    });
    const runs = async (workflow: string): Promise<unknown> =>
      jsonOf(await call('runs', '--json', '--workflow', workflow))['runs'];
    const [middle] = (await runs('headlines')) as { runId: string }[];
    expect(await runs('headlines')).toMatchObject([{ parentRunId: 'letter-1' }]);
    expect(await runs('headline')).toMatchObject([
      { parentRunId: middle?.runId, rootRunId: 'letter-1' },
      { parentRunId: middle?.runId, rootRunId: 'letter-1' },
    ]);
  });

  test('is begun in the middle, too: the function with its graph, and the graph alone', async () => {
    const middle = ['run', 'examples/graphs/newsletter.ts#headlines', '--input', '{ "titles": ["x"] }'];
    expect(await outputOf(...middle)).toEqual(['x']);
    expect(await outputOf(...documented('headline.yaml'))).toBe('a title that is much to…');
  });
});

describe('the imported graph', () => {
  const place = 'examples/from-jamjet';
  const triage = ['run', `${place}/triage.yaml`, '--with', `${place}/triage.ts`];

  async function ended(...args: readonly string[]): Promise<Record<string, unknown>> {
    return jsonOf(await call(...triage, ...args, '--json'));
  }

  test('is what `pawl import` makes of the file, and every field of that is told of', async () => {
    const { code, stdout, stderr } = await call('import', 'jamjet', `${place}/triage.ir.json`);
    expect(code).toBe(0);
    expect(stdout).toBe(readFileSync(join(rootFolder, place, 'triage.yaml'), 'utf8'));
    expect(stderr).toContain('mapped        nodes.classify.kind.function → steps.classify.with.function');
    expect(stderr).toMatch(/\d+ mapped, 2 approximated, 1 without meaning here, \d+ empty/);
  });

  test('answers what is simple', async () => {
    expect(await ended('--input', '{ "ticket": { "subject": "how do I pay?" } }')).toMatchObject({
      status: 'completed',
      output: {
        ticket: { subject: 'how do I pay?', severity: 'low' },
        done: 'answered: we have got "how do I pay?" and look at it tomorrow',
      },
    });
  });

  test('asks a person whether to wake somebody up', async () => {
    const input = '{ "ticket": { "subject": "the shop is down" } }';
    expect(await ended('--input', input, '--id', 'ticket-1')).toMatchObject({
      waits: [{ path: 'approve', message: 'Wake up the engineer on call?' }],
    });
    expect((await call('approve', 'ticket-1', '--by', 'ana')).code).toBe(0);
    expect(await ended('--resume', 'ticket-1')).toMatchObject({
      status: 'completed',
      output: { done: 'paged the engineer on call: the shop is down' },
    });
  });
});
