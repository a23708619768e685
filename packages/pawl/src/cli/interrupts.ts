/** Ctrl-C and SIGTERM: the first asks a command to come to rest, the second ends it at once. */
import { EXIT } from './exit-code.ts';

export interface Interrupts {
  /** Aborted by the first. */
  readonly signal: AbortSignal;
  /** Resolves at the first. */
  readonly first: Promise<void>;
  /** What a terminal in raw mode calls instead of sending SIGINT. */
  readonly interrupt: () => void;
  /** The exit code that says which signal it was. */
  readonly exitCode: () => number;
  readonly dispose: () => void;
}

/** Nothing is lost by the second one either: what was recorded stays, and another worker goes on. */
export function listenForInterrupts(): Interrupts {
  const controller = new AbortController();
  let code: number = EXIT.interrupted;
  const receive = (isTermination: boolean): void => {
    const own = isTermination ? EXIT.terminated : EXIT.interrupted;
    if (controller.signal.aborted) process.exit(own);
    code = own;
    controller.abort();
  };
  const interrupt = (): void => receive(false);
  const terminate = (): void => receive(true);
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', terminate);
  return {
    signal: controller.signal,
    first: new Promise((resolve) => {
      controller.signal.addEventListener('abort', () => resolve(), { once: true });
    }),
    interrupt,
    exitCode: () => code,
    dispose: () => {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', terminate);
    },
  };
}
