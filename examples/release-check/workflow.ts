/** A release check: looks at the history and the files of a repository, asks a person, writes a report, tells a service. */
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type Workflow, workflow, type WorkflowContext } from 'pawl';

export interface ReleaseInput {
  /** The repository. */
  readonly folder: string;
  /** Where the report goes. */
  readonly report: string;
  /** URL of the service that reserves versions and takes announcements. */
  readonly service: string;
  /** Every effect on this machine leaves a line here, so that anybody can count what happened, without asking the journal. */
  readonly effects: string;
}

export interface Release {
  readonly decision: 'approved' | 'rejected' | 'expired';
  readonly by?: string;
  readonly report: string;
}

/**
 * `halfway` is called between two steps, with the number of steps so far, by every process that gets there: code outside of
 * steps may run again. The demo stops its first worker there.
 */
export function releaseCheck(
  halfway: (steps: number) => Promise<void> = async () => {},
): Workflow<ReleaseInput, Release> {
  return workflow({ name: 'release-check' }, async (ctx, input: ReleaseInput): Promise<Release> => {
    const history = await look(ctx, input, HISTORY);
    const changes = await look(ctx, input, CHANGES);
    const checks = await ctx.parallel('checks', {
      license: (c) => look(c, input, LICENSE),
      sources: (c) => look(c, input, SOURCES),
      conflicts: (c) => look(c, input, CONFLICTS),
      manifest: (c) => readManifest(c, input),
    });

    await halfway(ctx.usage.steps);

    const findings = { history, changes, ...checks };
    await post(ctx, 'reserve', { url: `${input.service}/versions`, json: { version: checks.manifest } });
    const { decision, by } = await ctx.approval('release', {
      message: `Release ${checks.manifest}?`,
      args: findings,
      onRejected: 'return',
    });
    const report = await writeReport(ctx, input, {
      ...findings,
      decision: `${decision} by ${by ?? 'nobody'}`,
    });
    await post(ctx, 'announce', {
      url: `${input.service}/announcements`,
      json: { version: checks.manifest, decision },
    });
    return { decision, ...(by === undefined ? {} : { by }), report };
  });
}

interface Look {
  readonly name: string;
  readonly script: string;
}

/** A command in the repository, and the first line that it prints. Whatever is missing is a finding, not a failure. */
async function look(c: WorkflowContext, input: ReleaseInput, { name, script }: Look): Promise<string> {
  const { stdout } = await c.shell(name, `echo "$PAWL_IDEMPOTENCY_KEY ${name}" >> "$EFFECTS"; ${script}`, {
    cwd: input.folder,
    env: { EFFECTS: input.effects },
    allowExit: true,
  });
  return stdout.trim().split('\n')[0] || 'unknown';
}

const HISTORY: Look = {
  name: 'history',
  script: `
    git rev-parse --quiet --verify HEAD > /dev/null 2>&1 || { echo 'no commits'; exit; }
    echo "commits: $(git rev-list --count HEAD), the latest: $(git log -1 --format=%s)"`,
};

/** Since the latest tag; without one since the commit before; without one, or where the clone ends there, since ever. */
const CHANGES: Look = {
  name: 'changes',
  script: `
    base=$(git describe --tags --abbrev=0 2> /dev/null ||
      git rev-parse --quiet --verify HEAD~1 || git hash-object -t tree /dev/null)
    stat=$(git diff --stat "$base" HEAD 2> /dev/null | tail -n 1)
    echo "\${stat:-nothing}"`,
};

const LICENSE: Look = {
  name: 'license',
  script: `sed -n '/[^ ]/ { s/^ *//; p; q; }' LICENSE 2> /dev/null || echo 'none'`,
};

const SOURCES: Look = {
  name: 'sources',
  script: `
    list() { git ls-files -z --cached --others --exclude-standard '*.ts' '*.js' '*.mjs' 2> /dev/null; }
    files=$(list | tr -cd '\\0' | wc -c | tr -d ' ')
    echo "$files files, $(list | xargs -0 cat 2> /dev/null | wc -l | tr -d ' ') lines"`,
};

const CONFLICTS: Look = {
  name: 'conflicts',
  script: `git grep -lE '^(<{7}|>{7}) ' 2> /dev/null || echo 'no conflict markers'`,
};

async function readManifest(c: WorkflowContext, input: ReleaseInput): Promise<string> {
  const { note } = await c.step('manifest', async ({ idempotencyKey }) => {
    await appendFile(input.effects, `${idempotencyKey} manifest\n`);
    return { note: await manifestOf(input.folder) };
  });
  return note;
}

/** The name and version of what lies in a folder. */
export async function manifestOf(folder: string): Promise<string> {
  const files = [join(folder, 'package.json'), join(folder, 'packages/pawl/package.json')];
  const manifests = await Promise.all(files.map(readVersion));
  return manifests.find((manifest) => manifest !== undefined) ?? 'no version';
}

/** The name and version of a package; undefined for one that has none, such as the root of a workspace. */
async function readVersion(file: string): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '{}');
  const { name, version } = JSON.parse(text) as { name?: string; version?: string };
  return name === undefined || version === undefined ? undefined : `${name} ${version}`;
}

async function writeReport(
  c: WorkflowContext,
  input: ReleaseInput,
  findings: Readonly<Record<string, string>>,
): Promise<string> {
  await c.step('report', async ({ idempotencyKey }) => {
    await appendFile(input.effects, `${idempotencyKey} report\n`);
    await writeFile(input.report, reportOf(findings));
    return { note: relative(input.folder, input.report) };
  });
  return input.report;
}

export function reportOf(findings: Readonly<Record<string, string>>): string {
  const lines = Object.entries(findings).map(([name, finding]) => `- ${name}: ${finding}`);
  return `# Release check\n\n${lines.join('\n')}\n`;
}

/** Pawl sends an idempotency key with the request, the same one at every attempt. */
async function post(
  c: WorkflowContext,
  name: string,
  request: { readonly url: string; readonly json: unknown },
): Promise<void> {
  await c.http(name, { method: 'POST', ...request, allowPrivate: true });
}
