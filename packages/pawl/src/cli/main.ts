/** The command line: turns arguments into an exit code. */
import { existsSync, readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { commands } from './commands.ts';
import { nodePlatform, stderrLogger } from '../engine/index.ts';
import { pawlError } from '../errors/index.ts';
import { errorText, reportOf, stackText } from './error-text.ts';
import { EXIT } from './exit-code.ts';
import { parseArguments, type Parsed } from './program.ts';
import { openScreen, type Screen } from './screen.ts';
import type { Session } from './session.ts';
import { storeOf, tenantOf } from './store-location.ts';
import { terminalLog } from './terminal-log.ts';
import { typedFor } from './typed-command.ts';
import { guardAnswer } from './unanswered.ts';

/**
 * Runs one command; 0 ok, 1 run failed, 2 usage, 3 environment, 4 the run waits or is parked and nobody here can answer.
 * Never throws; an error is two lines on standard error, and its stack only with `PAWL_DEBUG=1`.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const { env } = process;
  const screen = openScreen(env);
  const isJson = argv.includes('--json');
  let typed = typedFor({ ...storeOf(undefined, {}), tenant: tenantOf(undefined, {}) });
  const answered = guardAnswer({
    show: (error) => `${errorText(reportOf(error), { isJson, typed })}\n`,
    stackOf: (error) => (isJson && env['PAWL_DEBUG'] !== '1' ? '' : `${stackText(error)}\n`),
  });
  try {
    const parsed = await parsedOrPrinted(argv.length === 0 ? ['help'] : argv, screen);
    const session = parsed && sessionOf(parsed.options, screen);
    if (session) typed = typedFor(session);
    const code = parsed && session ? await perform(parsed, session) : codeOfHelp(argv);
    await requireWritten(screen);
    return code;
  } catch (error) {
    if (env['PAWL_DEBUG'] === '1') screen.notes(stackText(error));
    const report = reportOf(error);
    screen.notes(errorText(report, { isJson, typed }));
    await screen.output.settled();
    return report.exitCode;
  } finally {
    answered();
  }
}

async function perform({ command, args, options }: Parsed, session: Session): Promise<number> {
  if (session.isJson) keepStandardOutputForAnswers();
  return await command.run(session, { args, options });
}

/** Who types no command at all has asked for nothing, and is shown what there is. */
function codeOfHelp(argv: readonly string[]): number {
  return argv.length === 0 ? EXIT.usage : EXIT.ok;
}

/** An answer that nobody got is no success. @throws `OUTPUT_LOST` */
async function requireWritten({ output }: Screen): Promise<void> {
  await output.settled();
  const problem = output.problem();
  if (problem) throw pawlError('OUTPUT_LOST', { problem: problem.message }, { cause: problem });
}

/** With `--json` standard output is the answer alone: what workflow code prints goes to standard error. */
function keepStandardOutputForAnswers(): void {
  const toNotes = console.error.bind(console);
  console.log = toNotes;
  console.info = toNotes;
  console.debug = toNotes;
  process.stdout.write = process.stderr.write.bind(process.stderr); // the screen has kept the real one
}

/** Commander reports help and version, once printed, as errors with the exit code 0. */
async function parsedOrPrinted(argv: readonly string[], screen: Screen): Promise<Parsed | undefined> {
  try {
    return await parseArguments(argv, { version: version(), commands, print: (text) => screen.write(text) });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return undefined;
    throw error;
  }
}

/** Logs go to standard error: as lines for a person at a terminal, as JSON for whoever collects them. */
function sessionOf(options: Parsed['options'], screen: Screen): Session {
  const store = typeof options['store'] === 'string' ? options['store'] : undefined;
  const log = terminalLog((line) => screen.notes(line), process.env['PAWL_LOG']);
  return {
    screen,
    isJson: options['json'] === true,
    ...storeOf(store, process.env),
    tenant: tenantOf(options['tenant'], process.env),
    platform: nodePlatform(screen.canAsk ? log.logger : stderrLogger()),
    redirectLog: log.redirect,
  };
}

/** The manifest lies beside `src` in the repository and beside `cli` in the published package. */
function version(): string {
  const candidates = ['../package.json', '../../package.json'].map((path) => new URL(path, import.meta.url));
  const manifest = candidates.find((candidate) => existsSync(candidate));
  const parsed = manifest ? (JSON.parse(readFileSync(manifest, 'utf8')) as { version?: string }) : {};
  return parsed.version ?? '0.0.0';
}
