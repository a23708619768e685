/** What graphs know of a kind and what the kind does are the same: fields, labels, and what a driver hands over. */
import { describe, expect, test } from 'vitest';
import { GraphDriver } from '../../packages/pawl/src/decide/index.ts';
import { validateText } from '../../packages/pawl/src/graph/index.ts';
import { kindTable } from '../../packages/pawl/src/graph/kind-table.ts';
import {
  conditionKind,
  functionKind,
  functionRegistry,
  httpKind,
  joinKind,
  type NamedFunction,
  parallelKind,
  reduceKind,
  shellKind,
  verifyKind,
} from '../../packages/pawl/src/kinds/index.ts';
import type { Command, StepSpec } from '../../packages/pawl/src/run/index.ts';
import { checkSchema, jsonSchemaOf, payloadOf } from '../../packages/pawl/src/std/index.ts';
import { type AnyKind, canEndAs, failureOf } from '../../packages/pawl/src/step/index.ts';

const PLAIN = [shellKind, httpKind, joinKind, parallelKind, reduceKind, verifyKind, conditionKind];

function kindsWith(functions: Readonly<Record<string, NamedFunction>>): readonly AnyKind[] {
  return [...PLAIN, functionKind(functionRegistry(functions))];
}

/** Runs a graph with its kinds and without an engine: each step as soon as the driver asks for it. */
class Run {
  readonly ended: string[] = [];
  readonly outputs = new Map<string, unknown>();
  readonly failures = new Map<string, string>();
  end: Command | undefined;
  readonly #driver: GraphDriver;
  readonly #kinds: readonly AnyKind[];

  constructor(text: string, kinds: readonly AnyKind[]) {
    const { graph, problems } = validateText(`pawl: 1\nworkflow: w\nversion: "1"\n${text}`);
    if (!graph || problems.length > 0) throw new Error(JSON.stringify(problems));
    const setup = { graph, input: '{"list":["b",null,"a"]}', facts: {}, recorded: new Map<string, string>() };
    this.#driver = new GraphDriver({ ...setup, onActivity: () => undefined });
    this.#kinds = kinds;
    this.#driver.start();
    this.#driver.catchUp();
  }

  async go(): Promise<this> {
    for (let asked = this.#take(); asked.length > 0; asked = this.#take()) {
      for (const command of asked) {
        if (command.type === 'ScheduleStep') await this.#step(command.step);
        else this.end = command;
      }
    }
    return this;
  }

  #take(): readonly Command[] {
    return this.end === undefined ? this.#driver.takeCommands() : [];
  }

  async #step({ path, kind: name, input, run }: StepSpec): Promise<void> {
    const kind = this.#kinds.find((known) => known.name === name) as AnyKind;
    const context = {
      path,
      attempt: 1,
      runId: 'r',
      idempotencyKey: path,
      signal: new AbortController().signal,
    };
    try {
      await run?.(context as never);
      const checked = checkSchema(kind.schema as never, input, name);
      if (!checked.ok) throw new Error(checked.issues);
      const { outcome = 'ok', output } = await kind.execute(checked.value as never, context as never);
      if (!canEndAs(kind, outcome)) throw new Error(`"${outcome}" is no label of ${name}`);
      this.outputs.set(path, output);
      this.#deliver(path, outcome, output);
    } catch (error) {
      const failure = failureOf(error, path);
      this.failures.set(path, failure.message);
      this.#deliver(path, 'failed', failure);
    }
  }

  #deliver(path: string, outcome: string, value: unknown): void {
    this.ended.push(`${path} ${outcome}`);
    this.#driver.deliver({ path, kind: 'x', outcome, payload: payloadOf(value as never), endedAt: 0 });
  }
}

describe('the row of a kind', () => {
  test.each(kindsWith({}))('H3: of $name names the labels that it can end with', (kind) => {
    const { labels } = [...kindTable().values()].find(({ name }) => name === kind.name) ?? {};
    expect(labels).toEqual(kind.labels === 'any' ? [] : (kind.labels ?? ['ok']));
  });

  test.each(kindsWith({}).filter(({ name }) => name !== 'condition'))(
    'of $name names the fields that it takes, and those that it needs',
    (kind) => {
      const row = [...kindTable().values()].find(({ name }) => name === kind.name);
      const schema = jsonSchemaOf(kind.schema) as { properties: object; required?: string[] };
      expect([...(row?.required ?? []), ...(row?.optional ?? [])].toSorted()).toEqual(
        Object.keys(schema.properties).toSorted(),
      );
      expect([...(row?.required ?? [])].toSorted()).toEqual([...(schema.required ?? [])].toSorted());
    },
  );
});

describe('a graph', () => {
  test('H3: that acts, verifies and repairs goes on with what the verification says', async () => {
    let flaws = 2;
    const seen: unknown[] = [];
    const kinds = kindsWith({
      act: () => ({ flaws }),
      repair: (problem: string) => {
        seen.push(problem);
        flaws--;
        return { flaws };
      },
    });
    const run = new Run(
      `state: { flaws: { type: number } }
steps:
  act: { kind: function, with: { function: act }, save: { flaws: output.flaws } }
  check: { kind: verify, with: { clauses: [{ name: flaws, expression: state.flaws == 0 }, { command: exit 0 }] } }
  repair: { kind: function, with: { function: repair, input: "{{ steps.check.failure.message }}" }, save: { flaws: output.flaws } }
  done: { kind: join }
edges:
  - act -> check
  - { from: check, to: done, on: passed }
  - { from: check, to: repair, on: failed }
  - { from: repair, to: check, loop: { max: 3 } }
  - { from: repair, to: end, on: exhausted }
`,
      kinds,
    );
    await run.go();
    expect(run.ended).toEqual([
      'act ok',
      'check failed',
      'repair ok',
      'check#2 failed',
      'repair#2 ok',
      'check#3 passed',
      'done ok',
    ]);
    expect(seen[0]).toBe('1 of 2 clauses do not hold: flaws: gives false');
    expect(run.end).toMatchObject({ type: 'Complete' });
  });

  test('makes one value of a list, by each strategy, and chooses its path by it', async () => {
    const run = await new Run(
      `steps:
  text: { kind: reduce, with: { items: "{{ input.list }}", strategy: concat, separator: ", " } }
  last: { kind: reduce, with: { items: "{{ input.list }}", strategy: expression, expression: "items[items.size() - 1]" } }
  sort: { kind: condition, with: { branches: [{ name: long, when: steps.text.output.size() > 10 }], default: short } }
  short: { kind: parallel }
  long: { kind: join }
edges:
  - text -> last
  - last -> sort
  - { from: sort, to: short, on: short }
  - { from: sort, to: long, on: long }
`,
      kindsWith({}),
    ).go();
    expect(run.ended).toEqual(['text ok', 'last ok', 'sort short', 'short ok']);
    expect([run.outputs.get('text'), run.outputs.get('last')]).toEqual(['b, a', 'a']);
  });

  test('fails with its expressions, and says where', async () => {
    const run = await new Run(
      `steps:
  pick: { kind: reduce, with: { items: "{{ input.list }}", strategy: expression, expression: "items[7]" } }
`,
      kindsWith({}),
    ).go();
    expect(run.ended).toEqual(['pick failed']);
    expect(run.failures.get('pick')).toContain('pick: with.expression: items[7]:');
    expect(run.end).toMatchObject({ type: 'Fail', failure: { cause: { code: 'EXPRESSION_FAILED' } } });
  });
});
