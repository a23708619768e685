/** Random workflows as data: nested steps, failures, waits, scopes and children, and the one workflow that runs them. */
import * as fc from 'fast-check';
import { TerminalError, type Workflow, workflow, type WorkflowContext } from 'pawl';

export type Program =
  | { readonly do: 'step'; readonly tokens: number }
  | { readonly do: 'fail' | 'flaky' | 'set' | 'approval' }
  | { readonly do: 'sleep' | 'signal'; readonly ms: number }
  | {
      readonly do: 'sequence' | 'parallel' | 'settled' | 'race' | 'map' | 'child';
      readonly parts: readonly Program[];
    };

const leaf: fc.Arbitrary<Program> = fc.oneof(
  fc.record({ do: fc.constant('step' as const), tokens: fc.nat({ max: 9 }) }),
  fc.record({ do: fc.constantFrom('fail' as const, 'flaky' as const, 'set' as const, 'approval' as const) }),
  fc.record({
    do: fc.constantFrom('sleep' as const, 'signal' as const),
    ms: fc.constantFrom(0, 10, 500, 3_000, 20_000),
  }),
);

/** Programs of at most three levels and four parts each. */
export const programs: fc.Arbitrary<Program> = fc.letrec<{ node: Program }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.record({
      do: fc.constantFrom(
        'sequence' as const,
        'parallel' as const,
        'settled' as const,
        'race' as const,
        'map' as const,
        'child' as const,
      ),
      parts: fc.array(tie('node'), { minLength: 1, maxLength: 4 }),
    }),
  ),
})).node;

/** Runs a program in a scope; every failure is caught where it happens, so that every program comes to an end. */
async function runProgram(ctx: WorkflowContext, program: Program): Promise<unknown> {
  switch (program.do) {
    case 'step':
      return await ctx.step('step', ({ report }) => {
        report({ inputTokens: program.tokens, costUsd: `0.00${program.tokens}` });
        return program.tokens;
      });
    case 'fail':
      return await ctx.step('fail', () => Promise.reject(new TerminalError('no'))).catch(() => 'failed');
    case 'flaky':
      return await ctx.step('flaky', ({ attempt, report }) => {
        report({ outputTokens: 1 });
        if (attempt === 1) throw new Error('no');
        return attempt;
      });
    case 'set':
      ctx.set({ usage: ctx.usage.inputTokens });
      return 'set';
    case 'approval':
      return await ctx
        .approval('approval', { message: 'Go?', deadline: '5s', onRejected: 'return' })
        .then(({ decision }) => decision);
    case 'sleep':
      return await ctx.sleep('sleep', program.ms);
    case 'signal':
      return (await ctx.signal('signal', undefined, { timeout: program.ms })) ?? 'none';
    default:
      return await runParts(ctx, program);
  }
}

async function runParts(
  ctx: WorkflowContext,
  { do: what, parts }: Extract<Program, { readonly parts: unknown }>,
): Promise<unknown> {
  const branches = Object.fromEntries(
    parts.map((part, index) => [`b${index}`, (c: WorkflowContext) => runProgram(c, part)]),
  );
  switch (what) {
    case 'parallel':
      return await ctx.parallel('parallel', branches);
    case 'settled':
      return await ctx.parallel('settled', branches, { failFast: false });
    case 'race':
      return await ctx.race('race', branches);
    case 'map':
      return await ctx.map('map', parts, (part, c) => runProgram(c, part), { concurrency: 2 });
    case 'child':
      return await ctx.workflow(programWorkflow, { do: 'sequence', parts });
    case 'sequence': {
      const results: unknown[] = [];
      for (const part of parts) results.push(await runProgram(ctx, part));
      return results;
    }
  }
}

/** The workflow that runs a program; its own child too. */
export const programWorkflow: Workflow<Program, unknown> = workflow(
  { name: 'program' },
  async (ctx, program) => {
    const result = await runProgram(ctx, program);
    return result ?? null;
  },
);
