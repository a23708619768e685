/** A person decides: the run waits in the database, for minutes or months, and costs nothing meanwhile. */
// npx pawl run examples/approval.ts                  asks at the terminal; without one it says how to approve and leaves
// npx pawl approve RUN deploy --by ana               from anywhere that reaches the database
// npx pawl run examples/approval.ts --resume RUN     goes on
import { workflow } from 'pawl';
import { z } from 'zod';

// Parsed once, at the start; what does not fit is refused before anything runs.
const input = z.object({ version: z.string().default('1.0.0') });

export default workflow({ name: 'deploy', input }, async (ctx, { version }) => {
  const build = await ctx.step('build', () => ({ version, image: `shop:${version}` }));

  const { decision, by } = await ctx.approval('deploy', {
    message: `Deploy ${build.image} to production?`,
    args: build,
    deadline: '3d',
    onRejected: 'return', // a rejection is an answer here, not a failure
  });
  if (decision !== 'approved') return { deployed: false, decision };

  await ctx.step('deploy-image', () => build.image);
  return { deployed: true, by };
});
