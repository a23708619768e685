/** The demo's own small workflow, for where the package is installed and no repository of ours lies around it. */
import { appendFile, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type Workflow, workflow, type WorkflowContext } from '../../index.ts';

export interface CheckInput {
  /** The folder that is checked. */
  readonly folder: string;
  /** Where each effect on the machine leaves a line with its key. */
  readonly effects: string;
  readonly report: string;
  /** URL of the demo's service. */
  readonly service: string;
}

interface Finding {
  readonly note: string;
}

/** `halfway` is called between two steps, by every process that gets there. */
export function folderCheck(
  halfway: (steps: number) => Promise<void>,
): Workflow<CheckInput, { decision: string }> {
  return workflow({ name: 'folder-check', title: 'Check of a folder' }, async (ctx, input: CheckInput) => {
    const check = (
      c: WorkflowContext,
      name: string,
      look: (folder: string) => Promise<Finding>,
    ): Promise<Finding> =>
      c.step(name, async ({ idempotencyKey }) => {
        await appendFile(input.effects, `${idempotencyKey} ${name}\n`);
        return await look(input.folder);
      });
    const listing = await check(ctx, 'listing', listFolder);
    const checks = await ctx.parallel('checks', {
      manifest: (c) => check(c, 'manifest', readManifest),
      readme: (c) => check(c, 'readme', readReadme),
      license: (c) => check(c, 'license', findLicense),
    });
    await halfway(ctx.usage.steps);
    await ctx.http('reserve', {
      method: 'POST',
      url: `${input.service}/reservations`,
      json: checks.manifest,
      allowPrivate: true,
    });
    const { decision } = await ctx.approval('release', {
      message: 'Would you release this?',
      args: { listing: listing.note, ...notesOf(checks) },
      onRejected: 'return',
    });
    await ctx.step('report', async ({ idempotencyKey }) => {
      await appendFile(input.effects, `${idempotencyKey} report\n`);
      await writeFile(
        input.report,
        `# ${checks.manifest.note}: ${decision}\n\n${Object.values(notesOf(checks)).join('\n')}\n`,
      );
      return { note: relative(process.cwd(), input.report) };
    });
    return { decision };
  });
}

function notesOf(findings: Readonly<Record<string, Finding>>): Record<string, string> {
  return Object.fromEntries(Object.entries(findings).map(([name, { note }]) => [name, note]));
}

async function listFolder(folder: string): Promise<Finding> {
  const names = await readdir(folder);
  const folders = await Promise.all(
    names.map(async (name) => (await stat(join(folder, name))).isDirectory()),
  );
  const count = folders.filter(Boolean).length;
  return { note: `${count} folders and ${names.length - count} files` };
}

async function readManifest(folder: string): Promise<Finding> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return { note: 'no package.json' };
  const { name = 'no name', version = 'no version' } = JSON.parse(text) as {
    name?: string;
    version?: string;
  };
  return { note: `${name} ${version}` };
}

async function readReadme(folder: string): Promise<Finding> {
  const text = await readFile(join(folder, 'README.md'), 'utf8').catch(() => undefined);
  return { note: text === undefined ? 'none' : `${text.split('\n').length} lines` };
}

async function findLicense(folder: string): Promise<Finding> {
  const text = await readFile(join(folder, 'LICENSE'), 'utf8').catch(() => undefined);
  return { note: text?.trim().split('\n')[0]?.trim() ?? 'none' };
}
