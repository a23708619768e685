/** The status of a run in its color, with the reason where it is parked. */
import type { ParkReason, RunStatus } from '../../run/index.ts';
import type { Style } from './style.ts';

export function statusText(
  run: { readonly status: RunStatus; readonly parkReason?: ParkReason },
  style: Style,
): string {
  const text = run.parkReason === undefined ? run.status : `${run.status} (${run.parkReason})`;
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
      return style.cyan(text);
  }
}
