/** A delivery: the final end of a step, wait or child, as the driver gets it. */
import type { Payload } from '../std/index.ts';
import type { Usage } from '../step/index.ts';
import type { StepPath } from './path.ts';

export interface Delivery {
  readonly path: StepPath;
  /** The kind of the step; `sleep signal input approval` for waits, `workflow` for children. */
  readonly kind: string;
  /**
   * `ok` and a kind's own labels, `failed`, `cancelled`; waits: `resolved received answered approved rejected expired`;
   * children: `ok failed cancelled`.
   */
  readonly outcome: string;
  /** The output, the failure, or the value that was waited for. */
  readonly payload: Payload;
  /** `endedAt` of outcomes, `at` of arrivals: what `ctx.now()` follows. */
  readonly endedAt: number;
  readonly usage?: Usage | undefined;
  readonly durationMs?: number | undefined;
  /** Of a step: which attempt ended it. */
  readonly attempt?: number | undefined;
  /** Who decided or answered. */
  readonly by?: string | undefined;
  readonly comment?: string | undefined;
  readonly childRunId?: string | undefined;
}
