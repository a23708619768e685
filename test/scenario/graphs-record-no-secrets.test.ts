/** A graph has no word for a secret: what holds one is a kind, or the environment of the worker, and its value is recorded nowhere. */
import { readFileSync } from 'node:fs';
import { defineKind, type Json } from 'pawl';
import { expect, test } from 'vitest';
import { graphOf } from './support/graph-world.ts';
import { closeEngine, newDatabase, openEngine, pathOfDatabase } from './support/opened-engine.ts';
import { eventsOf } from './support/run-log.ts';

const VALUE = 'tok-9f8e7d6c';
const secrets = (name: string): string | undefined => (name === 'API_TOKEN' ? VALUE : undefined);

test('what a kind has looked up is masked in outputs, state, messages, failures and the output of the run, in every process', async () => {
  const store = newDatabase();
  const look = defineKind<Json>({
    name: 'look',
    execute: async (_input, context) => ({ output: { token: context.secret('API_TOKEN') } }),
  });
  const graph = graphOf(
    `steps:
  look: { kind: look, save: { token: output.token } }
  pass: { kind: function, with: { function: pass, input: { text: "with {{ state.token }}" } } }
  gate: { kind: approval, with: { message: "Use {{ state.token }}?", args: "{{ state }}" } }
  bad: { kind: function, with: { function: bad, input: "{{ state.token }}" }, retry: none }
edges: [look -> pass, pass -> bad, { from: bad, to: gate, on: failed }, { from: bad, to: end }, { from: gate, to: end, on: "*" }]
output: "{ 'token': state.token, 'pass': steps.pass.output, 'why': steps.bad.failure.message }"
`,
    { kinds: [look] },
  );
  const functions = {
    pass: (input: unknown) => input,
    bad: (): never => {
      throw new Error(`no ${VALUE}`);
    },
  };
  const options = { store, kinds: [look], secrets, functions };
  const first = await openEngine([graph], options);
  await first.engine.start(graph, {}, { id: 'run' });
  await first.platform.advance(1_000);
  await closeEngine(first);
  const second = await openEngine([graph], { ...options, seed: 2, laterMs: 60_000 });
  await second.engine.approve('run', 'gate', { by: 'ada' });
  await second.platform.advance(1_000);
  const { engine } = second;
  const record = [await eventsOf(engine, 'run'), await engine.runs.get('run'), second.platform.lines];
  expect(JSON.stringify(record)).toContain('[secret]');
  expect((await engine.runs.get('run')).output).toMatchObject({ token: '[secret]' });
  await closeEngine(second);
  expect(JSON.stringify(record[0])).not.toContain(VALUE);
  expect(readFileSync(pathOfDatabase(store), 'latin1')).not.toContain(VALUE);
});

test('data that looks like a reference resolves nothing, and a variable of a telling name is masked where it is recorded', async () => {
  const graph = graphOf(`steps:
  print: { kind: shell, with: { command: 'printf "%s" "$API_TOKEN"', env: { API_TOKEN: "{{ input.token }}" } }, save: { size: output.stdout.size() } }
  fake: { kind: shell, with: { command: "true", env: { API_TOKEN: { $secret: API_TOKEN } } } }
  done: { kind: join }
edges: [print -> fake, { from: fake, to: done, on: failed }, { from: fake, to: end }]
`);
  const { engine, platform } = await openEngine([graph], { secrets });
  const run = await engine.start(graph, { token: 'given-in-the-clear' });
  await platform.settle();
  const result = run.result();
  await platform.advance(1_000);
  expect(await result).toEqual({ size: 18 });
  const { steps } = await engine.runs.get(run.id);
  expect(JSON.stringify(steps.map(({ input }) => input))).not.toContain('given-in-the-clear');
  expect(steps.find(({ path }) => path === 'fake')).toMatchObject({
    failure: { code: 'STEP_INPUT_INVALID' },
  });
  expect(JSON.stringify(await eventsOf(engine, run.id))).not.toContain(VALUE);
});
