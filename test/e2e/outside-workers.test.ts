/** The door by HTTP: a worker in Python executes the steps of a graph, and fails them; what the door answers, and whom it lets in. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { isPawlError, parseGraph, pawl as library } from 'pawl';
import { serve, type Served, type ServeOptions } from 'pawl/http';
import { afterAll, describe, expect, test } from 'vitest';
import { pawl, Running, startPawl, temporaryFolder } from './command.ts';

const examples = join(import.meta.dirname, '../../examples/outside-python');
const python = spawnSync('python3', ['--version']).status === 0;

interface Crew {
  readonly cwd: string;
  readonly url: string;
  readonly worker: Running;
}

async function openDoor(): Promise<Crew> {
  const cwd = temporaryFolder();
  const args = ['worker', join(examples, 'words.yaml'), '--queue', 'general', '--http', '0', '--json'];
  const worker = startPawl(args, { cwd });
  const [, url = ''] = await worker.prints(/"url":"([^"]+)"/);
  return { cwd, url, worker };
}

function startPython(url: string, file = join(examples, 'worker.py'), slots = '2'): Running {
  const env = { PYTHONPATH: examples };
  const started = new Running('python3', [file, '--url', url, '--slots', slots], { env });
  pythons.push(started);
  return started;
}

const pythons: Running[] = [];
afterAll(() => {
  for (const one of pythons) one.kill('SIGKILL');
});

async function statusOf(cwd: string, run: string): Promise<{ status: string; output?: unknown }> {
  const { stdout } = await pawl(['show', run, '--json'], { cwd });
  return JSON.parse(stdout) as { status: string; output?: unknown };
}

const hint = python ? '' : ' (skipped: there is no python3 here)';

describe.skipIf(!python)(`a worker in Python${hint}`, () => {
  test('executes the steps of a graph that another process drives', { timeout: 60_000 }, async () => {
    const { cwd, url, worker } = await openDoor();
    const hands = startPython(url);
    await hands.prints(/has words, top for/);
    const input = '{ "text": "to be or not to be or be" }';
    await pawl(['run', 'python-words', '--detach', '--id', 'w-1', '--input', input], { cwd });
    const events = await pawl(['events', 'w-1', '--follow'], { cwd });
    expect(events.stdout).toContain('run.completed');
    expect((await statusOf(cwd, 'w-1')).output).toEqual({ word: 'be' });
    const shown = async () => (await pawl(['workers'], { cwd })).stdout;
    await expect.poll(shown, { timeout: 30_000 }).toMatch(/ alive +– .*steps, from outside\n/);
    hands.kill('SIGTERM');
    expect((await hands.ended).code).toBe(0);
    worker.kill('SIGTERM');
    expect((await worker.ended).code).toBe(0);
  });

  test('fails a step with a code of its own, and is not asked again', { timeout: 60_000 }, async () => {
    const { cwd, url, worker } = await openDoor();
    startPython(url);
    await pawl(['run', 'python-words', '--detach', '--id', 'w-2', '--input', '{ "text": " " }'], { cwd });
    await pawl(['events', 'w-2', '--follow'], { cwd });
    const { stdout } = await pawl(['show', 'w-2', '--json'], { cwd });
    expect(stdout).toContain('NO_WORDS');
    expect((JSON.parse(stdout) as { status: string }).status).toBe('failed');
    worker.kill('SIGTERM');
    await worker.ended;
  });
});

/** Its first function gives what JSON has no word for, what is too long, fails in a way that nobody knows, and then is right. */
const CARELESS = `
import pawl_worker
outputs = {"nan": float("nan"), "long": "x" * 18_000_000, "right": {"a": 1}}
def words(input, task):
    if input["text"] == "class":
        raise pawl_worker.Failure("no", failure_class="bad luck")
    return {"counts": outputs[input["text"]]}
pawl_worker.FUNCTIONS["words"] = words
pawl_worker.FUNCTIONS["top"] = lambda input, task: "a"
pawl_worker.main()
`;

describe.skipIf(!python)(`an end that cannot be recorded${hint}`, () => {
  test('is the failure of its attempt, and the worker goes on', { timeout: 60_000 }, async () => {
    const { cwd, url, worker } = await openDoor();
    const file = join(cwd, 'careless.py');
    writeFileSync(file, CARELESS);
    startPython(url, file, '1');
    const said: string[] = [];
    for (const text of ['nan', 'long', 'class', 'right']) {
      const input = JSON.stringify({ text });
      await pawl(['run', 'python-words', '--detach', '--id', text, '--input', input], { cwd });
      await pawl(['events', text, '--follow'], { cwd });
      said.push((await pawl(['show', text, '--json'], { cwd })).stdout);
    }
    expect(said).toEqual([
      expect.stringContaining('the output is no JSON'),
      expect.stringContaining('the output is too long for the door'),
      expect.stringContaining('fail was refused'),
      expect.stringContaining('"status":"completed","labels"'),
    ]);
    worker.kill('SIGTERM');
    await worker.ended;
  });
});

const graph = parseGraph(
  `{ pawl: 1, workflow: w, version: "1", steps: { a: { kind: function, with: { function: f, input: 1 }, queue: out } } }`,
);

interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  readonly body: Record<string, unknown> | undefined;
}

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

function send(url: string, { method = 'POST', headers = {}, body = '{}' }: Sent = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(
      url,
      { method, headers: { 'content-type': 'application/json', ...headers } },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({
            status: answer.statusCode ?? 0,
            type: answer.headers['content-type'],
            body: text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>),
          });
        });
        answer.on('error', reject);
      },
    );
    asked.on('error', reject);
    asked.end(method === 'GET' ? undefined : body);
  });
}

async function withDoor<T>(
  act: (door: Served, call: (name: string, value: unknown) => Promise<Answer>) => Promise<T>,
  options: ServeOptions = {},
): Promise<T> {
  const engine = await library.open({
    store: 'sqlite::memory:',
    workflows: [graph],
    worker: { queues: [] },
    logger: { log: () => undefined },
  });
  const door = await serve(engine, options);
  const headers = options.key === undefined ? {} : { authorization: `Bearer ${options.key}` };
  try {
    await engine.start(graph, {}, { id: 'run' });
    return await act(door, (name, value) =>
      send(`${door.url}/api/v1/tasks/${name}`, { headers, body: JSON.stringify(value) }),
    );
  } finally {
    await door.close();
    await engine.close();
  }
}

const mine = { worker: 'me', kinds: ['function:f'], wait: '5s' };

describe('the door by HTTP', () => {
  test('hands out an attempt, hears that it lives, and takes its outcome once', async () => {
    await withDoor(async (_door, call) => {
      const claimed = await call('claim', mine);
      expect([claimed.status, claimed.type]).toEqual([200, 'application/json']);
      const { token, target, input } = claimed.body ?? {};
      expect([target, input]).toEqual(['f', { function: 'f', input: 1 }]);
      expect((await call('heartbeat', { token })).body).toEqual({ isCancelled: false });
      expect((await call('complete', { token, output: 2 })).status).toBe(204);
      expect((await call('complete', { token, output: 2 })).status).toBe(204);
      expect((await call('claim', { ...mine, wait: 0 })).status).toBe(204);
    });
  });

  test('tells a worker whose attempt is gone, as a problem with its code', async () => {
    await withDoor(async (_door, call) => {
      const { token } = (await call('claim', mine)).body ?? {};
      const forged = Buffer.from(
        Buffer.from(String(token), 'base64url')
          .toString()
          .replace(/"epoch":\d+/, '"epoch":9'),
      ).toString('base64url');
      const answer = await call('fail', { token: forged, failure: { message: 'no' } });
      expect([answer.status, answer.type]).toEqual([409, 'application/problem+json']);
      expect(answer.body).toMatchObject({ status: 409, code: 'TASK_LOST' });
      expect((await call('heartbeat', { token: forged })).body).toEqual({ isCancelled: true });
    });
  });

  test('answers what waits when it closes', async () => {
    await withDoor(async (door, call) => {
      const waiting = call('claim', { ...mine, kinds: ['other'], wait: '20s' });
      await send(`${door.url}/api/v1/health`, { method: 'GET' });
      await door.close();
      expect((await waiting).status).toBe(204);
    });
  });

  const halves = ['', 'POST /api/v1/tasks/claim HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n'];
  test.each([
    ['nothing', halves[0] ?? ''],
    ['half of its headers', halves[1] ?? ''],
    ['half of its body', `${halves[1]}content-type: application/json\r\n\r\n{"wor`],
  ])(
    'waits for nobody who has said %s when it closes',
    async (_what, text) => {
      await withDoor(async (door, call) => {
        const caller = connect(door.port, door.host);
        const gone = new Promise((resolve) => caller.once('close', resolve));
        caller.once('error', () => undefined);
        await new Promise<void>((resolve) => void caller.write(text, () => resolve()));
        await call('claim', { ...mine, kinds: ['other'], wait: 0 }); // by then the first words have been read
        await door.close();
        await gone;
      });
    },
    20_000,
  );

  const KEY = 'a key of twenty-odd letters';
  const bad: [string, number, string, string, Sent, ServeOptions?][] = [
    ['another path', 404, 'HTTP_DOOR_PATH', '/api/v1/tasks/steal', {}],
    ['another method', 405, 'HTTP_DOOR_METHOD', '/api/v1/tasks/claim', { method: 'GET' }],
    [
      'a body of another type',
      415,
      'HTTP_DOOR_CONTENT_TYPE',
      '/api/v1/tasks/claim',
      { headers: { 'content-type': 'text/plain' } },
    ],
    ['a body that is no JSON', 400, 'HTTP_DOOR_BODY', '/api/v1/tasks/claim', { body: '{' }],
    ['a body that is no object', 400, 'HTTP_DOOR_BODY', '/api/v1/tasks/claim', { body: '[]' }],
    ['fields that are not known', 400, 'OPTION_UNKNOWN', '/api/v1/tasks/complete', { body: '{"tokn":1}' }],
    ['no failure', 400, 'OPTION_INVALID', '/api/v1/tasks/fail', { body: '{"token":"x"}' }],
    [
      'a long body',
      413,
      'HTTP_DOOR_BODY_TOO_LARGE',
      '/api/v1/tasks/claim',
      { body: JSON.stringify({ worker: 'x'.repeat(2_000) }) },
      { maxBodyBytes: 1_000 },
    ],
    [
      'a name of another host',
      401,
      'HTTP_DOOR_KEY',
      '/api/v1/tasks/claim',
      { headers: { host: 'evil.example' } },
    ],
    ['a web page', 401, 'HTTP_DOOR_KEY', '/api/v1/tasks/claim', { headers: { origin: 'http://localhost' } }],
    ['nobody’s key', 401, 'HTTP_DOOR_KEY', '/api/v1/tasks/claim', {}, { key: KEY }],
    [
      'a wrong key',
      401,
      'HTTP_DOOR_KEY',
      '/api/v1/tasks/claim',
      { headers: { authorization: `Bearer ${KEY}x` } },
      { key: KEY },
    ],
  ];

  test.each(bad)('refuses %s with %i %s', async (_what, status, code, path, sent, options = {}) => {
    await withDoor(async (door) => {
      const answer = await send(door.url + path, sent);
      expect([answer.status, answer.body?.['code']]).toEqual([status, code]);
    }, options);
  });

  test('lets in who shows the key', async () => {
    await withDoor(async (_door, call) => expect((await call('claim', mine)).status).toBe(200), { key: KEY });
  });

  const shut: [string, string, ServeOptions][] = [
    ['an address that others reach, without a key', 'HTTP_DOOR_NEEDS_KEY', { host: '0.0.0.0' }],
    ['a short key', 'OPTION_INVALID', { key: 'short' }],
    ['a port that is none', 'OPTION_INVALID', { port: 70_000 }],
    ['an address that is not here', 'HTTP_DOOR_ADDRESS', { host: '192.0.2.1', key: KEY }],
    ['an option that is not known', 'OPTION_UNKNOWN', { prot: 1 } as ServeOptions],
  ];

  test.each(shut)('does not open at %s: %s', async (_what, code, options) => {
    const error = await withDoor(async () => 'open', options).catch((thrown: unknown) => thrown);
    expect(isPawlError(error) && error.code).toBe(code);
  });

  test('says on the command line what is no address', async () => {
    const { code, stderr } = await pawl(['worker', '--http', 'here'], { cwd: temporaryFolder() });
    expect([code, stderr]).toEqual([2, expect.stringContaining('"here" is neither PORT nor HOST:PORT')]);
  });
});
