/** The status of a run in its color, with the reason where it is parked. */
import type { ParkReason, RunStatus } from '../../run/index.ts';
import type { Style } from './style.ts';

export function statusText(
  run: { readonly status: RunStatus; readonly parkReason?: ParkReason; readonly hasNoWorker?: true },
  style: Style,
): string {
  const detail = run.parkReason ?? (run.hasNoWorker ? 'no worker' : undefined);
  const text = detail === undefined ? run.status : `${run.status} (${detail})`;
  switch (run.status) {
    case 'completed':
      return style.green(text);
    case 'failed':
    case 'cancelled':
      return style.red(text);
    case 'waiting':
    case 'parked':
    case 'paused':
      return style.yellow(text);
    case 'queued':
    case 'running':
      return run.hasNoWorker ? style.yellow(text) : style.cyan(text);
  }
}
