/** `pawl runs`: the list of runs, newest first. */
import type { RunSummary } from '../../engine/index.ts';
import { isTerminal } from '../../run/index.ts';
import { formatDuration } from '../../std/index.ts';
import { parseCount, parseStatuses } from '../argument-values.ts';
import { type Call, type Command, listOption, textOption } from '../command.ts';
import { DEFAULT_LIMIT, MAX_LIMIT } from '../defaults.ts';
import { withClient } from '../engine-session.ts';
import { EXIT } from '../exit-code.ts';
import { printJson, type Session } from '../session.ts';
import { statusText } from '../view/status-text.ts';
import { PLAIN } from '../view/style.ts';
import { tableLines } from '../view/table.ts';
import { timeText } from '../view/times.ts';

export const LIMIT_OPTION = {
  flags: '--limit <n>',
  about: `how many, at most ${MAX_LIMIT} (default ${DEFAULT_LIMIT})`,
} as const;

export const runsCommand: Command = {
  name: 'runs',
  summary: 'list runs, newest first',
  options: [
    {
      flags: '--status <status>',
      about: 'only with this status; several, or separated by commas',
      isRepeatable: true,
    },
    { flags: '--workflow <name>', about: 'only of this workflow' },
    LIMIT_OPTION,
  ],
  run: (session, call) => {
    const status = parseStatuses(listOption(call, 'status'));
    const workflow = textOption(call, 'workflow');
    const limit = limitOf(call);
    return withClient(session, async (engine) => {
      const runs = await engine.runs.list({
        limit,
        ...(status.length === 0 ? {} : { status }),
        ...(workflow === undefined ? {} : { workflow }),
      });
      const listed = runs.map((run) => ({ ...run, lastedMs: lastedMs(run, session.platform.clock.now()) }));
      if (session.isJson) printJson(session, { runs: listed });
      else session.screen.lines(...runLines(listed, session));
      return EXIT.ok;
    });
  },
};

export function limitOf(call: Call): number {
  return parseCount(textOption(call, 'limit') ?? String(DEFAULT_LIMIT), '--limit', {
    min: 1,
    max: MAX_LIMIT,
  });
}

interface Listed extends RunSummary {
  /** From its start to its end, or until now where it has not ended. */
  readonly lastedMs: number;
}

function lastedMs(run: RunSummary, nowMs: number): number {
  const until = isTerminal(run.status) ? Date.parse(run.updatedAt) : nowMs;
  return Math.max(0, until - Date.parse(run.createdAt));
}

function runLines(runs: readonly Listed[], session: Session): string[] {
  if (runs.length === 0) return ['no runs'];
  const { style } = session.screen;
  const rows = runs.map((run) => [
    run.runId,
    `${run.workflow}@${run.version}`,
    statusText(run, PLAIN),
    timeText(run.createdAt),
    formatDuration(run.lastedMs),
  ]);
  return tableLines(['RUN', 'WORKFLOW', 'STATUS', 'STARTED', 'LASTED'], rows, style);
}
