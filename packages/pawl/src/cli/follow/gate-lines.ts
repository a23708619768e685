/** The commands that answer open questions, for whoever has to. */
import { gateCommand } from '../../engine/index.ts';
import type { Typed } from '../typed-command.ts';
import { oneLine } from '../view/plain-text.ts';
import type { Gate } from './standing.ts';

const ASKS: Readonly<Record<Gate['kind'], string>> = {
  approval: 'waits for an approval',
  input: 'waits for an answer',
  signal: 'waits for a signal',
};

/** Two lines a gate: what is asked, and the command. */
export function gateLines(gates: readonly Gate[], typed: Typed): string[] {
  return gates.flatMap((gate) => {
    const message = gate.message === undefined ? '' : `: ${oneLine(gate.message)}`;
    return [
      `${oneLine(gate.path)} ${ASKS[gate.kind]}${message}`,
      `  ${typed(gateCommand(gate.runId, gate))}`,
    ];
  });
}

/** A gate as `--json` prints it. */
export function gateJson(gate: Gate, typed: Typed): Record<string, string> {
  const { runId, kind, path, message } = gate;
  return {
    runId,
    kind,
    path,
    ...(message === undefined ? {} : { message }),
    command: typed(gateCommand(gate.runId, gate)),
  };
}
