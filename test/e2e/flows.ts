/** Workflows for the tests of the command line, each with one behavior. */
import { appendFileSync, existsSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import { TerminalError, workflow } from 'pawl';

export const quick = workflow({ name: 'quick' }, async (ctx, input: { who?: string }) => {
  return await ctx.step('greet', () => `Hello, ${input.who ?? 'world'}`);
});

/** Checks side by side, then as many rounds as are asked for. */
export const rounds = workflow({ name: 'rounds' }, async (ctx, input: { count: number }) => {
  await ctx.parallel('checks', {
    types: async (c) => await c.step('tsc', () => 'ok'),
    lint: async (c) => await c.step('oxlint', () => 'ok'),
  });
  for (let round = 1; round <= input.count; round++) await ctx.step('review', () => `round ${round}`);
  const { decision } = await ctx.approval('ship', {
    message: 'Ship it?',
    deadline: '10ms',
    onTimeout: 'reject',
    onRejected: 'return',
  });
  return await ctx.step('tell', () => decision);
});

export const prints = workflow({ name: 'prints' }, async (ctx) => {
  return await ctx.step('print', () => {
    console.log('said');
    process.stdout.write('written\n');
    return 'printed';
  });
});

export const fails = workflow({ name: 'fails' }, async (ctx) => {
  await ctx.step('break', () => {
    throw new TerminalError('no luck\u001b[2J today', { code: 'NO_LUCK' });
  });
});

export const gate = workflow({ name: 'gate' }, async (ctx, input: { effects?: string }) => {
  await ctx.step('before', ({ idempotencyKey }) => {
    if (input.effects !== undefined) appendFileSync(input.effects, `${idempotencyKey}\n`);
  });
  const { by, comment } = await ctx.approval('ship', { message: 'Ship it?', args: { to: 'production' } });
  return { by, comment };
});

export const twoGates = workflow({ name: 'two-gates' }, async (ctx) => {
  const one = ctx.approval('one', { message: 'First?', onRejected: 'return' });
  const two = ctx.approval('two', { message: 'Second?', onRejected: 'return' });
  const decisions = await Promise.all([one, two]);
  return decisions.map(({ decision }) => decision);
});

export const asks = workflow({ name: 'asks' }, async (ctx) => {
  return await ctx.input<unknown>('color', undefined, { message: 'Which color?' });
});

export const listens = workflow({ name: 'listens' }, async (ctx) => {
  return await ctx.signal('news');
});

export const parks = workflow({ name: 'parks' }, async (ctx, input: { marker: string }) => {
  const retry = { attempts: 1, onExhausted: 'park' } as const;
  return await ctx.step(
    'needs-marker',
    () => {
      if (!existsSync(input.marker)) throw new Error('there is no marker');
      return 'found';
    },
    { retry },
  );
});

/** A step that ends when a file appears; without one it never does, unless it is told to stop. */
export const slow = workflow({ name: 'slow' }, async (ctx, input: { marker: string; effects: string }) => {
  await ctx.step('first', () => appendFileSync(input.effects, 'first\n'));
  await ctx.step('wait', async ({ signal }) => {
    appendFileSync(input.effects, 'wait\n');
    await appears(input.marker, signal);
  });
  return await ctx.step('last', () => 'over');
});

async function appears(file: string, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const watcher = watch(dirname(file), () => look());
    const look = (): void => {
      if (!existsSync(file)) return;
      watcher.close();
      resolve();
    };
    signal.addEventListener('abort', () => {
      watcher.close();
      reject(new Error('told to stop'));
    });
    look();
  });
}

export const parent = workflow({ name: 'parent' }, async (ctx) => {
  return await ctx.workflow(gate, {}, { name: 'child' });
});

export const again = workflow({ name: 'again' }, async (ctx, input: { round?: number }) => {
  const round = input.round ?? 1;
  if (round < 3) await ctx.continueAsNew({ round: round + 1 });
  return round;
});
