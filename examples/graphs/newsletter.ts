/** A workflow function between two graphs: `newsletter.yaml` calls it, and it calls `headline.yaml` once a title. */
import { readFileSync } from 'node:fs';
import { parseGraph, workflow } from 'pawl';

export const headline = parseGraph(readFileSync(new URL('headline.yaml', import.meta.url), 'utf8'));

export const headlines = workflow(
  { name: 'headlines' },
  async (ctx, input: { titles: readonly string[] }) =>
    // A run of the graph for each title, two at a time.
    await ctx.map('titles', input.titles, (title, c) => c.workflow(headline, { title }), { concurrency: 2 }),
);
