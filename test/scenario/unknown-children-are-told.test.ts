/** A graph that calls what nobody has registered is told of when it is registered, and not only when its step fails. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { graphFrom, pawl, workflow } from '../../packages/pawl/src/index.ts';

const call = (name: string, version?: string): object => ({
  kind: 'workflow',
  with: { workflow: name, ...(version === undefined ? {} : { version }) },
});

const parent = graphFrom({
  pawl: 1,
  workflow: 'parent',
  version: '1',
  steps: {
    here: call('child'),
    again: call('parent', '1'),
    older: call('child', '0'),
    gone: call('elsewhere'),
    open: call('{{ input.name }}'),
    each: { kind: 'map', with: { items: [1], step: call('elsewhere') } },
  },
});

test('once for each place, until somebody has registered it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-children-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const store = `sqlite:${join(folder, 'pawl.db')}`;
  const open = async (workflows: Parameters<typeof pawl.open>[0]['workflows']): Promise<string[]> => {
    const lines: string[] = [];
    const logger = {
      log: (level: string, message: string, fields?: Readonly<Record<string, unknown>>) =>
        void lines.push(`${level} ${String(fields?.['path'])}: ${message}`),
    };
    const engine = await pawl.open({ store, workflows: workflows ?? [], logger, worker: false });
    await engine.close();
    return lines;
  };
  const child = (version: string) => workflow({ name: 'child', version }, () => null);
  const warning = (path: string, name: string, hint = ''): string =>
    `warn ${path}: No workflow "${name}" is known here${hint}. A step calls it, and fails until it is registered.`;

  expect(await open([parent, child('1')])).toEqual([
    warning('steps.older.with.workflow', 'child', ' in version "0"'),
    warning('steps.gone.with.workflow', 'elsewhere'),
    warning('steps.each.with.step.with.workflow', 'elsewhere'),
  ]);
  expect(await open([workflow({ name: 'elsewhere' }, () => null), child('0')])).toEqual([]);
  expect(await open([parent, child('1')])).toEqual([]);
});
