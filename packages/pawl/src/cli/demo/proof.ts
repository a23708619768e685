/** The proof that nothing happened twice: the journal, compared with what the effects themselves left behind. */
import { pawlError } from '../../errors/index.ts';
import type { RunStatus } from '../../run/index.ts';

export interface Evidence {
  /** Completed steps in the journal. */
  readonly steps: number;
  /** Lines `KEY NAME`, written by each effect on the machine, beside the journal. */
  readonly effects: string;
  /** Requests by idempotency key, counted by the service. */
  readonly requests: ReadonlyMap<string, number>;
}

export interface Proof {
  readonly steps: number;
  /** Effects on the machine: how many lines, and how many different keys. */
  readonly lines: number;
  readonly lineKeys: number;
  /** What the service saw, and how much of it was new to it. */
  readonly requests: number;
  readonly requestKeys: number;
  /** Names of effects that happened more than once. */
  readonly repeated: readonly string[];
  /** Each completed step had its effect, and each effect happened once. */
  readonly holds: boolean;
}

export function proofOf({ steps, effects, requests }: Evidence): Proof {
  const lines = effects.split('\n').filter((line) => line !== '');
  const names = new Map<string, string[]>();
  for (const line of lines) {
    const [key = '', ...name] = line.split(' ');
    names.set(key, [...(names.get(key) ?? []), name.join(' ')]);
  }
  const repeated = [...names.values()].filter((list) => list.length > 1).map((list) => list[0] ?? '');
  const total = [...requests.values()].reduce((sum, count) => sum + count, 0);
  return {
    steps,
    lines: lines.length,
    lineKeys: names.size,
    requests: total,
    requestKeys: requests.size,
    repeated,
    holds: repeated.length === 0 && names.size + requests.size === steps,
  };
}

/** @throws `DEMO_FAILED` with what is wrong */
export function requireProof(status: RunStatus, proof: Proof): void {
  if (status !== 'completed') throw pawlError('DEMO_FAILED', { problem: `its run ${status}.` });
  if (proof.holds) return;
  const problem =
    proof.repeated.length > 0
      ? `${proof.repeated.join(', ')} happened more than once.`
      : `${proof.steps} steps are recorded, and ${proof.lineKeys + proof.requestKeys} effects happened.`;
  throw pawlError('DEMO_FAILED', { problem });
}
