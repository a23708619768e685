/** A test of chance plays one round; `npm run test:faults` plays all tests many times in a row and adds up what they counted. */
import { appendFileSync } from 'node:fs';
import { type Chance, seededChance } from './chance.ts';

export type Counts = Readonly<Record<string, number>>;

/** What was counted is written to the file `PAWL_FAULT_COUNTS` where that is set, a line of JSON a round. */
export async function playRound(what: string, play: (chance: Chance) => Promise<Counts>): Promise<void> {
  const counts = await play(seededChance());
  const file = process.env['PAWL_FAULT_COUNTS'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ what, counts })}\n`);
}
