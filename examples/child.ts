/** Workflows that start workflows: each child is a run of its own, with its own log, cancelled with its parent. */
import { workflow } from 'pawl';

export const translate = workflow({ name: 'translate' }, async (ctx, input: { text: string; to: string }) => {
  const words = await ctx.step('split', () => input.text.split(' '));
  return await ctx.step('join', () => `${input.to}: ${words.toReversed().join(' ')}`);
});

export default workflow({ name: 'publish' }, async (ctx, input: { text?: string; languages?: string[] }) => {
  const text = input.text ?? 'good morning';
  const languages = input.languages ?? ['de', 'fr'];
  return await ctx.map('languages', languages, (to, c) => c.workflow(translate, { text, to }), {
    key: (to) => to,
  });
});
