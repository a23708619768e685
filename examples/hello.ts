/** The smallest workflow. Run it with `npx pawl run examples/hello.ts --input '{ "who": "Ana" }'`. */
import { workflow } from 'pawl';

export default workflow({ name: 'hello' }, async (ctx, input: { who?: string }) => {
  // Each call on ctx is a step: recorded once, and never run again once recorded.
  const name = await ctx.step('find-name', () => input.who ?? 'world');
  const { stdout } = await ctx.shell('weekday', 'date +%A');

  // A timer that survives the process, like everything here.
  await ctx.sleep('breathe', '100ms');
  return `Hello, ${name}! It is ${stdout.trim()}.`;
});
