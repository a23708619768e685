/** Commits whose answers are lost: whether they landed is found out, never guessed. */
import { expect, test } from 'vitest';
import { seededChance } from './support/chance.ts';
import { judge } from './support/judge.ts';
import { inBothPlaces } from './support/places.ts';
import { HURRY } from './support/storm.ts';
import { unlessGone } from './support/world.ts';

inBothPlaces((newWorld) => {
  test('J14: where every third answer is lost and the process killed on top, each attempt still has one outcome', async () => {
    const world = await newWorld();
    const chance = seededChance();
    const runs = Array.from({ length: 40 }, (_, index) =>
      index % 4 === 0
        ? { id: `run-${index}`, workflow: 'tree', input: { items: 3 } }
        : { id: `run-${index}`, workflow: 'chain', input: { steps: 6, ms: 0 } },
    );
    for (let round = 0; round < 4; round += 1) {
      const worker = await world.worker({ loseAnswers: 3, time: HURRY });
      const asking = Promise.all(runs.map((run) => unlessGone(world.start(worker, run))));
      const wanted = chance.between(40, 120);
      const ended = asking.then(() =>
        unlessGone(
          worker.call(
            'results',
            runs.map(({ id }) => id),
          ),
        ),
      );
      await Promise.race([unlessGone(worker.heard(() => worker.firings.length >= wanted)), ended]);
      await world.kill(worker);
      await ended;
    }
    const last = await world.worker({ loseAnswers: 3, time: HURRY });
    await world.startAgain(last);
    await last.call(
      'results',
      runs.map(({ id }) => id),
    );
    await last.close();

    expect((await judge(world)).problems).toEqual([]);
  });
});
