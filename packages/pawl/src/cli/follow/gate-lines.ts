/** The commands that answer open questions, for whoever has to. */
import type { Gate } from './standing.ts';
import { shellWord } from '../session.ts';
import { oneLine } from '../view/plain-text.ts';

/** The command that closes a gate; `flag` is what it needs beside its arguments. */
function gateCommand(gate: Gate, flag: string): string {
  const path = shellWord(gate.path);
  switch (gate.kind) {
    case 'approval':
      return `pawl approve ${gate.runId} ${path} --by NAME${flag}`;
    case 'input':
      return `pawl answer ${gate.runId} ${path} VALUE --by NAME${flag}`;
    case 'signal':
      return `pawl signal ${gate.runId} ${shellWord(gate.name)}${flag}`;
  }
}

const ASKS: Readonly<Record<Gate['kind'], string>> = {
  approval: 'waits for an approval',
  input: 'waits for an answer',
  signal: 'waits for a signal',
};

/** Two lines a gate: what is asked, and the command. */
export function gateLines(gates: readonly Gate[], flag: string): string[] {
  return gates.flatMap((gate) => {
    const message = gate.message === undefined ? '' : `: ${oneLine(gate.message)}`;
    return [`${oneLine(gate.path)} ${ASKS[gate.kind]}${message}`, `  ${gateCommand(gate, flag)}`];
  });
}

/** A gate as `--json` prints it. */
export function gateJson(gate: Gate, flag: string): Record<string, string> {
  const { runId, kind, path, message } = gate;
  return {
    runId,
    kind,
    path,
    ...(message === undefined ? {} : { message }),
    command: gateCommand(gate, flag),
  };
}
