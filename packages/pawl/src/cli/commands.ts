/** All commands, in the order in which the help lists them. */
import type { Command } from './command.ts';
import { answerCommand } from './commands/answer.ts';
import { controlCommands } from './commands/control.ts';
import { approveCommand, rejectCommand } from './commands/decide.ts';
import { demoCommand } from './commands/demo.ts';
import { diffCommand } from './commands/diff.ts';
import { eventsCommand } from './commands/events.ts';
import { importCommand } from './commands/import.ts';
import { parkedCommand } from './commands/parked.ts';
import { pruneCommand } from './commands/prune.ts';
import { runCommand } from './commands/run.ts';
import { runsCommand } from './commands/runs.ts';
import { showCommand } from './commands/show.ts';
import { signalCommand } from './commands/signal.ts';
import { validateCommand } from './commands/validate.ts';
import { whyCommand } from './commands/why.ts';
import { workerCommand } from './commands/worker.ts';
import { workersCommand } from './commands/workers.ts';

export const commands: readonly Command[] = [
  demoCommand,
  runCommand,
  validateCommand,
  importCommand,
  workerCommand,
  runsCommand,
  showCommand,
  eventsCommand,
  diffCommand,
  whyCommand,
  parkedCommand,
  approveCommand,
  rejectCommand,
  answerCommand,
  signalCommand,
  ...controlCommands,
  workersCommand,
  pruneCommand,
];
