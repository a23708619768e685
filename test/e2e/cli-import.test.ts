/** Promises of `pawl import`: the graph alone on standard output, the report beside it, and nothing where something is refused. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readDocument } from '../../packages/pawl/src/graph/index.ts';
import { errorOf, pawl, temporaryFolder } from './command.ts';

const cwd = temporaryFolder();

/** The value of a text of YAML. */
function parse(text: string): unknown {
  return readDocument(text).value;
}

function file(name: string, value: unknown): string {
  writeFileSync(join(cwd, name), typeof value === 'string' ? value : JSON.stringify(value));
  return name;
}

const step = (kind: object): object => ({ kind });
const ir = {
  workflow_id: 'orders',
  version: '0.1.0',
  start_node: 'look',
  nodes: {
    look: step({ type: 'python_fn', module: 'app', function: 'look', output_schema: '' }),
    gate: step({ type: 'human_approval', description: 'Ship {{ state.id }}?' }),
  },
  edges: [
    { from: 'look', to: 'gate', condition: 'state.total == 1' },
    { from: 'gate', to: 'end', condition: null },
  ],
  timeouts: { heartbeat_interval: 30 },
};
const good = file('good.json', ir);
const bad = file(
  'bad.yaml',
  'workflow: { id: w, version: 0.1.0 }\nnodes:\n  a: { type: modell, prompt: "{{ a | b }}" }\n',
);
const short = file('mend.json', {
  act: { mode: 'agent' },
  verify: { command: 'npm test' },
  repair: { mode: 'agent' },
});

describe('pawl import', () => {
  test('writes the graph to standard output, and what became of each field to standard error', async () => {
    const { code, stdout, stderr } = await pawl(['import', 'jamjet', good], { cwd });
    expect(code).toBe(0);
    expect(parse(stdout)).toMatchObject({
      pawl: 1,
      workflow: 'orders',
      steps: { look: { kind: 'function' } },
    });
    expect(stdout).not.toContain('&a1');
    expect(stderr.split('\n')).toEqual(
      expect.arrayContaining([
        'mapped        workflow_id → workflow',
        'mapped        the whole → stateFrom: the input of a run is its first state, and its last state is its output, as there',
        'mapped        the whole → steps.look.with.input: it gets the state as a whole, as there',
        'mapped        the whole → steps.look.save: all that it gives is merged into the state, as there',
        'approximated  the whole → onFailure: what is open finishes after a failure, and nothing new starts: there, ready steps still did',
        'no meaning    timeouts.heartbeat_interval: workers here have a heartbeat of their own',
      ]),
    );
    expect(stderr.trim().split('\n').at(-1)).toMatch(
      /^\d+ mapped, \d+ approximated, 1 without meaning here, \d+ empty: null, "", \[\] or \{\} in the file, and so not listed$/,
    );
  });

  test('writes what `pawl validate -` takes', async () => {
    const { stdout } = await pawl(['import', 'jamjet', good], { cwd });
    const validated = await pawl(['validate', '-'], { cwd, stdin: stdout });
    expect([validated.code, validated.stdout]).toEqual([0, expect.stringContaining('orders@0.1.0, 2 steps')]);
  });

  test('says where the graph holds what cannot run yet', async () => {
    const { code, stderr } = await pawl(['import', 'harn', short], { cwd });
    expect(code).toBe(0);
    expect(stderr.trim().split('\n').at(-1)).toBe(
      '2 parts of the graph cannot run yet, and it is refused until a later version; named by: npx pawl validate FILE',
    );
  });

  test('reads standard input, and the shorthand of Harn by the name of its file', async () => {
    const piped = await pawl(['import', 'jamjet', '-'], { cwd, stdin: JSON.stringify(ir) });
    expect([piped.code, parse(piped.stdout)]).toEqual([0, expect.objectContaining({ workflow: 'orders' })]);
    const harn = await pawl(['import', 'harn', short], { cwd });
    expect([harn.code, parse(harn.stdout)]).toEqual([0, expect.objectContaining({ workflow: 'mend' })]);
  });

  test('gives one object as JSON', async () => {
    const { code, stdout, stderr } = await pawl(['import', 'jamjet', good, '--json'], { cwd });
    const { graph, report } = JSON.parse(stdout) as { graph: object; report: readonly object[] };
    expect([code, stderr]).toEqual([0, '']);
    expect(graph).toMatchObject({ workflow: 'orders' });
    expect(report).toContainEqual({ path: 'workflow_id', fate: 'mapped', to: 'workflow' });
  });

  test('refuses everything that cannot mean the same, and writes nothing', async () => {
    const { code, stdout, stderr } = await pawl(['import', 'jamjet', bad], { cwd });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.trim().split('\n')).toEqual([
      'bad.yaml:3:8: error IMPORT_KIND_UNKNOWN: nodes.a.type: there is no kind "modell" there (did you mean "model"?).',
      '  to do about IMPORT_KIND_UNKNOWN: Correct it, or write this step by hand: what nobody knows is not taken for something else.',
      'bad.yaml: nothing was imported, 1 error',
    ]);
    const json = await pawl(['import', 'jamjet', bad, '--json'], { cwd });
    expect([json.code, json.stdout]).toEqual([2, '']);
    expect(errorOf(json)).toMatchObject({
      code: 'IMPORT_REFUSED',
      refusals: [{ code: 'IMPORT_KIND_UNKNOWN', path: 'nodes.a.type', line: 3 }],
    });
  });

  test.each([
    [['import', 'jamjett', good], 'ARGUMENT_INVALID'],
    [['import', 'jamjet', 'none.json'], 'FILE_UNREADABLE'],
    [['import', 'jamjet'], 'ARGUMENT_INVALID'],
  ])('names a mistake in what was typed: %j', async (args, expected) => {
    const ended = await pawl([...args, '--json'], { cwd });
    expect([ended.code, errorOf(ended)['code']]).toEqual([2, expected]);
  });
});
