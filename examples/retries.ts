/** Failures: what is tried again, what is not, and what the workflow makes of it. */
import { StepFailed, TerminalError, workflow } from 'pawl';

const patient = { attempts: 4, initial: '50ms', factor: 2, jitter: 0 };

export default workflow({ name: 'retries' }, async (ctx, input: { succeedsAt?: number }) => {
  const succeedsAt = input.succeedsAt ?? 3;

  // An ordinary throw is tried again; the delay between attempts survives the process too.
  const attempts = await ctx.step(
    'flaky',
    ({ attempt }) => {
      if (attempt < succeedsAt) throw new Error(`not yet: attempt ${attempt}`);
      return attempt;
    },
    { retry: patient },
  );

  // A TerminalError is not: the answer would be the same.
  try {
    await ctx.step('hopeless', () => {
      throw new TerminalError('the card was declined', { code: 'CARD_DECLINED' });
    });
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    const refund = await ctx.step('refund', () => 'refunded');
    return { attempts, failed: error.code, refund };
  }
  return { attempts };
});
