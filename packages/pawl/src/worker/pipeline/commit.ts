/** Last stage: hands what is recorded of the attempt to the run's outbox; the store writes it with the run's next batch. */
import type { Execution } from '../execution.ts';

export function commit(execution: Execution): Execution {
  execution.write(execution);
  return execution;
}
