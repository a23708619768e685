/** Promises of the commands that Pawl prints: pasted into a shell as they stand, they do what they say. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bin, type Ended, jsonOf, pawl, Running, temporaryFolder } from './command.ts';

const cwd = temporaryFolder();

/** What a person does with a line of the output; only the program is found elsewhere than npx would look. */
function paste(line: string): Promise<Ended> {
  const program = `'${process.execPath}' '${bin}'`;
  const command = line.trim().replace(/^npx pawl/, () => program);
  return new Running('/bin/bash', ['-c', command], { cwd, stdin: '' }).ended;
}

function commandsIn({ stdout }: Ended): readonly string[] {
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('  npx pawl') || line.startsWith('    npx pawl'));
}

const PAID = {
  type: 'object',
  required: ['amount', 'by'],
  properties: { amount: { type: 'integer', minimum: 5 }, by: { type: 'string' }, note: { type: 'string' } },
};

const graph = {
  pawl: 1,
  workflow: 'asks',
  version: '1',
  steps: {
    "it's-$HOME": { kind: 'approval', with: { message: 'Ship "it" for $5?', approvers: ["O'Hara", 'ana'] } },
    'how-much?': { kind: 'input', with: { message: 'How much?', schema: { enum: ["it's nothing", 'all'] } } },
    'paid;': { kind: 'signal', with: { name: "paid*'s", schema: PAID } },
    plain: { kind: 'signal', with: { name: 'go' } },
  },
  edges: ["it's-$HOME -> how-much?", 'how-much? -> paid;', 'paid; -> plain'],
  output: { much: 'steps["how-much?"].output', paid: 'steps["paid;"].output' },
};

describe('what is printed for a run that waits', () => {
  test.each([
    ['a plain place', [], 'asks.json'],
    [
      'a store and a file whose names need quotes',
      ['--store', "sqlite:my 'own' runs.db"],
      "my 'own' graph.json",
    ],
  ])('works in a shell as it stands: %s', async (_what, store, file) => {
    writeFileSync(join(cwd, file), JSON.stringify(graph));
    const runId = `asks-${store.length}`;
    let shown = await pawl(['run', file, '--id', runId, ...store], { cwd });
    const verbs: string[] = [];
    for (let round = 0; round < 4; round++) {
      expect(shown.code).toBe(4);
      const [answer = '', goOn = ''] = commandsIn(shown);
      const why = await pawl(['why', runId, ...store], { cwd });
      expect(commandsIn(why).map((line) => line.trim())).toEqual([answer.trim()]);
      verbs.push(/pawl (\w+)/.exec(answer)?.[1] ?? '');
      expect(await paste(answer)).toMatchObject({ code: 0, stderr: '' });
      shown = await paste(goOn);
    }
    expect(verbs).toEqual(['approve', 'answer', 'signal', 'signal']);
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(jsonOf(await pawl(['show', runId, '--json', ...store], { cwd }))).toMatchObject({
      output: { much: "it's nothing", paid: { amount: 5, by: 'TEXT' } },
    });
  });
});

describe('what is printed for a run that is held back', () => {
  test('works for one that was paused', async () => {
    writeFileSync(join(cwd, 'asks.json'), JSON.stringify(graph));
    await pawl(['run', 'asks.json', '--id', 'held-1'], { cwd });
    await pawl(['pause', 'held-1', '--by', 'ana'], { cwd });
    const paused = await pawl(['run', 'asks.json', '--resume', 'held-1'], { cwd });
    const [answer = '', resume = ''] = commandsIn(paused);
    expect([answer, resume].map((line) => /pawl (\w+)/.exec(line)?.[1])).toEqual(['approve', 'resume']);
    expect(await paste(resume)).toMatchObject({ code: 0, stderr: '' });
  });

  test('works for one that has visited too many steps', async () => {
    const steps = { again: { kind: 'join' } };
    const edges = [
      { from: 'again', to: 'again', loop: { max: 9 } },
      { from: 'again', to: 'end', on: 'exhausted' },
    ];
    const limited = { pawl: 1, workflow: 'limited', version: '1', limits: { maxSteps: 3 }, steps, edges };
    writeFileSync(join(cwd, 'limited.json'), JSON.stringify(limited));
    const parked = await pawl(['run', 'limited.json', '--id', 'limited-1'], { cwd });
    expect(parked.code).toBe(4);
    const [resume = ''] = commandsIn(await pawl(['why', 'limited-1'], { cwd }));
    expect(resume).toContain('pawl resume limited-1 --max-steps 6');
    expect(await paste(resume)).toMatchObject({ code: 0, stderr: '' });
    expect((await pawl(['run', 'limited.json', '--resume', 'limited-1'], { cwd })).stdout).toContain(
      'again#6',
    );
    const refused = await pawl(['resume', 'limited-1', '--max-steps', 'N'], { cwd });
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('"N" is not a whole number')]);
    const more = await pawl(['resume', 'limited-1', '--max-steps', '20'], { cwd });
    expect(more.code).toBe(0);
    expect((await pawl(['run', 'limited.json', '--resume', 'limited-1'], { cwd })).code).toBe(1);
  });
});
