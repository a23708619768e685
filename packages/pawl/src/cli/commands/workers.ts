/** `pawl workers`: the engines that drive runs, and what they serve. */
import type { Command } from '../command.ts';
import { withClient } from '../engine-session.ts';
import { EXIT } from '../exit-code.ts';
import { printJson } from '../session.ts';
import { tableLines } from '../view/table.ts';

export const workersCommand: Command = {
  name: 'workers',
  summary: 'list workers and what they serve',
  run: (session) =>
    withClient(session, async (engine) => {
      const workers = (await engine.workers()).filter(
        (worker) =>
          worker.serves.length > 0 ||
          worker.held > 0 ||
          (worker.queues?.length ?? 0) > 0 ||
          worker.tasks > 0 ||
          worker.isOutside,
      );
      if (session.isJson) {
        printJson(session, { workers });
        return EXIT.ok;
      }
      const rows = workers.map((worker) => [
        worker.id,
        worker.isAlive ? (worker.draining ? 'draining' : 'alive') : 'dead',
        worker.isOutside ? '–' : String(worker.pid),
        worker.hostname,
        String(worker.held),
        String(worker.tasks),
        worker.queues?.join(' ') ?? 'all',
        worker.isOutside ? 'steps, from outside' : worker.serves.join(' '),
      ]);
      const heads = ['WORKER', 'STATE', 'PID', 'HOST', 'RUNS', 'STEPS', 'QUEUES', 'SERVES'];
      session.screen.lines(
        ...(rows.length === 0 ? ['no workers'] : tableLines(heads, rows, session.screen.style)),
      );
      return EXIT.ok;
    }),
};
