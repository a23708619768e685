/** A thousand runs on a server, and everything that can go wrong beneath them, mixed by chance. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { cutConnections } from '../postgres/databases.ts';
import { hasOwnPostgres, type PostgresServer, startServer } from '../postgres/server.ts';
import type { Chance } from './support/chance.ts';
import { judge } from './support/judge.ts';
import { LEASE_MS } from './support/leases.ts';
import { playRound } from './support/round.ts';
import { askAll, mixedRuns } from './support/storm.ts';
import type { WorkerProcess } from './support/worker-process.ts';
import { type AskedRun, World } from './support/world.ts';
import type { ChainInput } from './support/workflows.ts';

const RUNS = 1_000;
const WORKERS = 3;
/** What happens in a round, in an order that chance gives. */
const FAULTS = { kill: 8, cut: 6, server: 3, stop: 2 } as const;
type Fault = keyof typeof FAULTS;
/** Beats come every so many milliseconds of real time, ten times as often; time passes in parts that leave room for some. */
const BEAT_MS = 1_000;
const PART_S = 6;

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

/** A server of its own, its workers, and what can be done to them. */
class Stage {
  readonly world: World;
  server: PostgresServer;
  readonly #folder: string;
  readonly #chance: Chance;
  #alive: WorkerProcess[] = [];
  #busy: WorkerProcess | undefined;

  private constructor(folder: string, server: PostgresServer, chance: Chance) {
    this.#folder = folder;
    this.#chance = chance;
    this.server = server;
    this.world = new World(server.url);
  }

  static async open(chance: Chance): Promise<Stage> {
    const folder = mkdtempSync(join(tmpdir(), 'pawl-thousand-'));
    const opened = new Stage(folder, await startServer({ folder }), chance);
    await opened.#fill();
    return opened;
  }

  /** Mostly whoever has just been asked for runs. */
  get victim(): WorkerProcess {
    const isBusy = this.#busy?.isGone === false && this.#chance.percent(60);
    return isBusy && this.#busy ? this.#busy : this.#chance.oneOf(this.#alive);
  }

  /** Runs are asked for; true where all of it was taken. */
  ask(runs: readonly AskedRun[]): Promise<boolean> {
    const worker = this.#chance.oneOf(this.#alive);
    this.#busy = worker;
    return taken(askAll(this.world, { runs, worker }));
  }

  /** New workers for those who died. */
  async #fill(): Promise<void> {
    const time = { hurry: 10, aheadBy: this.world.aheadBy };
    while (this.#alive.length < WORKERS) this.#alive.push(this.world.spawn({ time }));
    await Promise.all(this.#alive.map((worker) => worker.ready()));
  }

  readonly faults: { readonly [F in Fault]: () => Promise<void> } = {
    kill: async () => {
      const { victim } = this;
      this.#alive = this.#alive.filter((worker) => worker !== victim);
      await this.world.kill(victim);
      await this.#fill();
    },
    cut: () => this.world.away(() => cutConnections(this.server.url)),
    server: () =>
      this.world.away(async () => {
        const { port } = this.server;
        await this.server.kill();
        this.server = await startServer({ folder: this.#folder, port });
      }),
    stop: async () => {
      const zombie = this.victim;
      const from = this.world.now();
      zombie.stop();
      for (let passed = 0; passed < LEASE_MS / 1_000 + PART_S; passed += PART_S) {
        this.world.pass(PART_S);
        await this.#chance.moment(BEAT_MS);
      }
      this.world.stops.push({ pid: zombie.pid, from, until: this.world.now() });
      zombie.continue();
    },
  };

  /** Whatever was asked for comes to its end. */
  async calm(): Promise<void> {
    const { world } = this;
    const [worker] = this.#alive as [WorkerProcess];
    await expect
      .poll(() => taken(askAll(world, { runs: world.asked, worker })), { timeout: 60_000 })
      .toBe(true);
    await worker.call(
      'results',
      world.asked.map(({ id }) => id),
    );
    await Promise.all(this.#alive.map((one) => one.close()));
  }

  async close(): Promise<void> {
    await this.world.dispose();
    await this.server.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** False where the store was away, or the process died. */
async function taken(asking: Promise<void>): Promise<boolean> {
  return await asking.then(
    () => true,
    () => false,
  );
}

/** Some have steps whose starts stand in the log long before their ends. */
function longer(run: AskedRun, chance: Chance): AskedRun {
  if (run.workflow !== 'chain' || !chance.percent(30)) return run;
  return { ...run, input: { ...(run.input as ChainInput), ms: 250 } };
}

function deckOf(chance: Chance): Fault[] {
  const deck = Object.entries(FAULTS).flatMap(([fault, count]) => Array<Fault>(count).fill(fault as Fault));
  return deck
    .map((fault) => ({ fault, place: chance.between(0, 1_000_000) }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ fault }) => fault);
}

describe.skipIf(!hasOwnPostgres())('a thousand runs on a server', () => {
  test('all end right, whoever is killed, stopped or cut off: nothing is lost, and every second firing can be explained', {
    timeout: 240_000,
  }, async () => {
    await playRound('a thousand runs on a server', async (chance) => {
      stage = await Stage.open(chance);
      const { world, faults } = stage;
      const deck = deckOf(chance);
      const runsAFault = Math.ceil(RUNS / deck.length);
      for (const [index, fault] of deck.entries()) {
        const runs = mixedRuns(chance, runsAFault, `f${index}`).map((run) => longer(run, chance));
        world.asked.push(...runs);
        const asking = stage.ask(runs);
        await chance.moment(chance.between(0, 250));
        await faults[fault]();
        await Promise.race([asking, chance.moment(500)]);
      }
      await stage.calm();
      const { problems, firings, repeats, lost, runs } = await judge(world);
      expect(problems).toEqual([]);
      expect(world.asked.length).toBeGreaterThanOrEqual(RUNS);
      await stage.close();
      stage = undefined;
      return { ...FAULTS, runs, effects: firings, 'effects repeated': repeats, 'attempts lost': lost };
    });
  });
});
