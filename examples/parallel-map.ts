/** Many things at once: a list with a limit, and branches of which some may fail. */
import { workflow } from 'pawl';

const PAGES = ['home', 'shop', 'cart', 'help', 'jobs'];

export default workflow({ name: 'parallel-map' }, async (ctx, input: { pages?: readonly string[] }) => {
  const pages = input.pages ?? PAGES;

  // Two at a time; after a crash only those that were not finished run again.
  const sizes = await ctx.map('pages', pages, (page, c) => c.step('measure', () => page.length), {
    concurrency: 2,
    key: (page) => page,
  });

  // Without failFast a failed branch is a value like the others.
  const checks = await ctx.parallel(
    'checks',
    {
      total: (c) => c.step('total', () => sizes.reduce((sum, size) => sum + size, 0)),
      links: (c) => c.shell('links', 'echo "broken link: /old" >&2; exit 3'),
    },
    { failFast: false },
  );
  return {
    sizes: Object.fromEntries(pages.map((page, index) => [page, sizes[index] ?? 0])),
    total: checks.total.ok ? checks.total.value : 0,
    links: checks.links.ok ? 'fine' : checks.links.failure.message,
  };
});
