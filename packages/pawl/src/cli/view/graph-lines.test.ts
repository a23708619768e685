/** Promises of what the command line shows of a run as a graph, and of two runs side by side. */
import { describe, expect, test } from 'vitest';
import type { RunDiff, RunGraph, RunGraphEdge, RunGraphNode } from '../../engine/index.ts';
import { diffLines } from './diff-lines.ts';
import { graphTable, graphTree } from './graph-lines.ts';
import { widthOf } from './plain-text.ts';
import { PLAIN } from './style.ts';

const AT = '2026-01-02T03:04:05.000Z';

function node(path: string, more: Partial<RunGraphNode> = {}): RunGraphNode {
  return { path, name: path, kind: 'step', status: 'completed', attempt: 1, startedAt: AT, ...more };
}

function graph(nodes: readonly RunGraphNode[], edges: readonly RunGraphEdge[]): RunGraph {
  return { runId: 'run-1', workflow: 'w', version: '1', status: 'running', nodes, edges, scopes: [] };
}

function tree(shown: RunGraph, columns = 80): string[] {
  return graphTree(shown, { style: PLAIN, columns, now: Date.parse(AT) });
}

const items = [0, 1].map((index) => `all/item:${index}/step`);

describe('the graph of a run', () => {
  test('tells what led to a map at its first item', () => {
    const shown = graph(
      [node('list'), ...items.map((path) => node(path)), node('end')],
      [
        { from: 'list', to: 'all' },
        { from: 'all', to: 'end' },
      ],
    );
    expect(graphTable(shown).map((line) => line.split(/ {2,}/).toSpliced(1, 2).join(' < '))).toEqual([
      'STEP < FOLLOWS',
      'list',
      'all/item:0/step < list',
      'all/item:1/step',
      'end < all',
    ]);
    expect(tree(shown).slice(2)).toEqual([
      '✓ list',
      '✓ all',
      '✓   item:0/step  ← list',
      '✓   item:1/step',
      '✓ end            ← all',
    ]);
  });

  test('names a few of many sources, and counts the others', () => {
    const sources = Array.from({ length: 20 }, (_none, index) => node(`s${index}`));
    const edges = sources.map(({ path }) => ({ from: path, to: 'end' }));
    expect(graphTable(graph([...sources, node('end')], edges)).at(-1)).toMatch(
      /s0, s1, s2, s3, s4, s5, s6, s7, and 12 others$/,
    );
  });

  test('marks what no path went along, what is to come, and whose worker is gone', () => {
    const shown = graph(
      [
        node('gate', { status: 'running', isLost: true }),
        node('fix', { status: 'pending', attempt: 0 }),
        node('end', { status: 'skipped', attempt: 0 }),
      ],
      [{ from: 'gate', to: 'fix', label: 'rejected', isTaken: false }],
    );
    expect(graphTable(shown).slice(1)).toEqual([
      'gate  step  lost',
      'fix   step  pending  gate (rejected)?',
      'end   step  skipped',
    ]);
    expect(tree(shown)).toMatchObject({
      3: expect.stringMatching(/^· fix .*← gate \(rejected\)\?$/) as string,
    });
  });

  test('stays on its lines, and lets no name move the cursor', () => {
    const long = 'x'.repeat(64);
    const label = `bad\u001b[2J ${'y'.repeat(80)}`;
    const shown = graph([node(long), node('to', { label })], [{ from: long, to: 'to', label: 'a\u001b[2J' }]);
    for (const line of tree(shown, 60)) expect(widthOf(line)).toBeLessThanOrEqual(60);
    expect([...tree(shown, 60), ...graphTable(shown)].join('\n')).not.toContain('\u001b');
  });
});

describe('two runs side by side', () => {
  const side = { runId: 'run-1', workflow: 'w', version: '1', status: 'completed' } as const;

  test('say how many differences are not listed, on lines that fit', () => {
    const diff: RunDiff = {
      isEqual: false,
      a: side,
      b: { ...side, status: 'failed' },
      differences: [{ path: 'say', field: 'output', at: '$.text', a: `x\u009b2J${'x'.repeat(99)}` }],
      count: 3,
    };
    const lines = diffLines(diff, { style: PLAIN, columns: 40 });
    expect(lines.map((line) => line.slice(0, 16))).toEqual([
      'a  run run-1 of ',
      'b  run run-1 of ',
      '3 differences, t',
      '  say  output $.',
      '    a  "x\uFFFD2Jxxxx',
      '    b  (nothing)',
      '  … 2 more',
    ]);
    expect(lines[2]).toBe('3 differences, the first in "say"');
    expect(Math.max(...lines.slice(3).map(widthOf))).toBe(40);
    expect(lines.join('\n')).not.toContain('\u009b');
  });
});
