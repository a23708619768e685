/** What a shell step answers with: two streams as text, cut where they are too long. */
import type { OutputText, ProcessEnded } from '../../clients/index.ts';
import { leftOutMark } from '../excerpt.ts';
import type { SecretReader } from '../secrets.ts';
import { OUTPUT_BYTES, STREAM_BYTES } from './defaults.ts';

export interface ShellOutput {
  readonly stdout: string;
  readonly stderr: string;
  /** Null when a signal ended the command. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Whether a part of a stream was left out. */
  readonly truncated: boolean;
}

/** The output of a process that has ended, cut further where both streams together would be too long for the journal. */
export function outputOf(ended: ProcessEnded, secrets: SecretReader): ShellOutput {
  for (let limit = STREAM_BYTES; ; ) {
    const [stdout, stderr] = [ended.stdout.text(limit), ended.stderr.text(limit)];
    const output = {
      stdout: joined(stdout, secrets),
      stderr: joined(stderr, secrets),
      exitCode: ended.exitCode,
      signal: ended.signal,
      truncated: stdout.leftOutBytes + stderr.leftOutBytes > 0,
    };
    const bytes = Buffer.byteLength(JSON.stringify(output));
    if (bytes <= OUTPUT_BYTES) return output;
    limit = Math.floor(limit * SHRINK * (OUTPUT_BYTES / bytes));
  }
}

/** A little more than the overshoot, so that a second look is rarely too long again. */
const SHRINK = 0.95;

function joined({ head, tail, leftOutBytes }: OutputText, secrets: SecretReader): string {
  if (leftOutBytes === 0) return head;
  return `${secrets.maskCutEnd(head)}\n${leftOutMark(leftOutBytes)}\n${secrets.maskCutStart(tail)}`;
}
