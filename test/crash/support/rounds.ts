/** How often tests of chance are played: once in `npm test`, more often in `npm run test:faults`. */
import { type Chance, seededChance } from './chance.ts';

/** `PAWL_FAULT_ROUNDS` where that is set. */
const ROUNDS = Number(process.env['PAWL_FAULT_ROUNDS'] ?? 1);

/** The patience of a test whose round takes at most a minute. */
export const ROUNDS_TIMEOUT = 60_000 * (ROUNDS + 1);

export type Counts = Readonly<Record<string, number>>;

/** Plays rounds, each with a chance of its own, and prints the sums of what they counted where there was more than one. */
export async function playRounds(what: string, play: (chance: Chance) => Promise<Counts>): Promise<void> {
  const sums: Record<string, number> = {};
  for (let round = 0; round < ROUNDS; round += 1) {
    const counts = await play(seededChance());
    for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count;
  }
  const said = Object.entries(sums).map(([name, sum]) => `${sum} ${name}`);
  if (ROUNDS > 1) process.stderr.write(`${what}: ${ROUNDS} rounds, ${said.join(', ')}\n`);
}
