/** `pawl demo`: a real run whose worker is killed, and which another worker brings to its end. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pawlError } from '../../errors/index.ts';
import { pawl } from '../../index.ts';
import { type Call, type Command, switchOption, textOption } from '../command.ts';
import { DEFAULT_DEMO_STORE } from '../defaults.ts';
import { deciderOf } from '../demo/decider.ts';
import {
  farewellLines,
  killLine,
  proofLines,
  rememberedLine,
  sceneLine,
  titleLine,
  workerLine,
} from '../demo/demo-lines.ts';
import { type DemoResult, directDemo, type Telling } from '../demo/direct.ts';
import { requireProof } from '../demo/proof.ts';
import { serveDemo } from '../demo/serve.ts';
import { exitCodeOfStatus } from '../exit-code.ts';
import { type Interrupts, listenForInterrupts } from '../interrupts.ts';
import { printJson, type Session } from '../session.ts';
import { typedFor } from '../typed-command.ts';
import { parseStoreUrl, prepareStore } from '../store-location.ts';

export const demoCommand: Command = {
  name: 'demo',
  summary: 'watch a run survive the death of its worker',
  options: [
    { flags: '--kill-inside', about: 'kill the worker inside a step instead of between two' },
    { flags: '--yes', about: 'approve without asking' },
    {
      flags: '--worker <file>',
      about: 'a file that serves another workflow than the built-in one',
      isHidden: true,
    },
    { flags: '--serve <mode>', about: 'be a worker of the demo', isHidden: true },
  ],
  run: async (session, call) => {
    const mode = textOption(call, 'serve');
    if (mode !== undefined) {
      await serveDemo(session.store, mode === 'hold');
      return exitCodeOfStatus('completed');
    }
    const interrupts = listenForInterrupts(session.screen.output.lost);
    try {
      return await perform(withDemoStore(session, call), call, interrupts);
    } catch (error) {
      if (interrupts.signal.aborted) return interrupts.exitCode();
      throw error;
    } finally {
      interrupts.dispose();
    }
  },
};

/** `PAWL_STORE` names the database of somebody's work: the demo writes only where it is told to on the command line. */
function withDemoStore(session: Session, call: Call): Session {
  return { ...session, store: textOption(call, 'store') ?? DEFAULT_DEMO_STORE, isStoreNamed: true };
}

async function perform(session: Session, call: Call, interrupts: Interrupts): Promise<number> {
  const location = parseStoreUrl(session.store);
  if (location.kind !== 'file')
    throw pawlError('ARGUMENT_INVALID', {
      argument: '--store',
      problem: 'the demo needs a file, for its processes share it',
    });
  const folder = folderToCheck();
  const worker = workerOf(session, call);
  prepareStore(session.store);
  const engine = await pawl.open({ store: session.store, worker: false, platform: session.platform });
  const tell = tellingOf(session, folder);
  try {
    const result = await directDemo(engine, session.platform, {
      folder,
      file: resolve(location.file),
      workerArgv: (isHolding) => worker(isHolding ? 'hold' : 'go'),
      killInside: switchOption(call, 'killInside'),
      interrupts,
      decide: deciderOf(session, interrupts, switchOption(call, 'yes')),
      tell,
    });
    return report(session, result);
  } finally {
    await engine.close();
  }
}

/** The repository around the working folder; outside of one, the folder of this package. */
function folderToCheck(): string {
  const git = spawnSync('git', ['rev-parse', '--show-toplevel'], { encoding: 'utf8' });
  if (git.status === 0) return git.stdout.trim();
  const candidates = ['../', '../../'].map((path) =>
    fileURLToPath(new URL(path, new URL('../', import.meta.url))),
  );
  return candidates.find((candidate) => existsSync(`${candidate}package.json`)) ?? process.cwd();
}

/** A file of somebody else, or this very command, called on itself. */
function workerOf(session: Session, call: Call): (mode: 'hold' | 'go') => readonly string[] {
  const file = textOption(call, 'worker');
  if (file === undefined)
    return (mode) => [process.argv[1] ?? '', 'demo', '--serve', mode, '--store', session.store];
  if (!existsSync(file)) throw pawlError('FILE_UNREADABLE', { file, problem: 'there is no such file.' });
  return (mode) => [resolve(file), session.store, mode];
}

function tellingOf(session: Session, folder: string): Telling {
  const { screen } = session;
  const line = { style: screen.style, columns: screen.isTerminal ? screen.size().columns : 100 };
  const say = (...lines: readonly string[]): void => {
    if (!session.isJson) screen.lines(...lines);
  };
  say(titleLine(`a release check of ${basename(folder)}`, line));
  return {
    worker: (place, pid) => say('', workerLine(place, pid, line)),
    scene: (scene) => say(sceneLine(scene, line)),
    killed: (inside) => say(killLine(inside, line)),
    remembered: (paths) => say(rememberedLine(paths, line)),
  };
}

/** @throws `DEMO_FAILED` where the effects do not agree with the journal */
function report(session: Session, result: DemoResult): number {
  const { screen } = session;
  const line = { style: screen.style, columns: screen.size().columns };
  const { runId, status, tookMs, gapMs, workers, proof } = result;
  if (session.isJson) printJson(session, { ...result, store: session.store });
  else {
    const change = { first: workers[0]?.steps.length ?? 0, second: workers[1]?.steps.length ?? 0, gapMs };
    screen.lines('', ...proofLines(proof, change, line));
    screen.lines('', ...farewellLines({ status, tookMs, runId, typed: typedFor(session) }, line));
  }
  requireProof(status, proof);
  return exitCodeOfStatus(status);
}
