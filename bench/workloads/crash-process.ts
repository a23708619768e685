/** The process of W4: drives one run, hangs in a step until it is killed, or (told to go on) tells when that step began. */
import { pawl, workflow } from '../../packages/pawl/src/index.ts';

/** What it tells its parent; times are on the wall clock, in ms, with fractions. */
export interface CrashNews {
  readonly readyAt: number;
  readonly stepAt: number;
}

/** The heir tells once that it is there, before it tells of the step. */
export type CrashRole = 'first' | 'second' | 'heir';

const RUN_ID = 'crash';
const STEPS = 400;
const HANGS_AT = 200;

const [store = '', role] = process.argv.slice(2);

function now(): number {
  return performance.timeOrigin + performance.now();
}

let readyAt = Number.NaN;

/** In the middle of the run: the first process never leaves this step, the second one has what it came for. */
async function middle(): Promise<void> {
  const news: CrashNews = { readyAt, stepAt: now() };
  process.send?.(news);
  if (role === 'first') await new Promise<never>(() => undefined);
}

const crash = workflow({ name: 'crash' }, async (ctx) => {
  for (let n = 0; n < STEPS; n++) {
    await ctx.step(`s${n}`, async () => {
      if (n === HANGS_AT) await middle();
      return { n };
    });
  }
});

const engine = await pawl.open({ store, workflows: [crash] });
readyAt = now();
if (role === 'first') await engine.start(crash, {}, { id: RUN_ID });
if (role === 'heir') process.send?.({ readyAt, stepAt: Number.NaN } satisfies CrashNews);
await engine.handle(RUN_ID).result();
await engine.close();
process.disconnect?.();
