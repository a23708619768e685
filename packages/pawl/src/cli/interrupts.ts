/** Ctrl-C, SIGTERM, and a reader that has gone: the first asks a command to come to rest, the second ends it at once. */
import { EXIT } from './exit-code.ts';

export interface Interrupts {
  /** Aborted by the first. */
  readonly signal: AbortSignal;
  /** Resolves at the first. */
  readonly first: Promise<void>;
  /** What a terminal in raw mode calls instead of sending SIGINT. */
  readonly interrupt: () => void;
  /** The exit code that says which one it was. */
  readonly exitCode: () => number;
  readonly dispose: () => void;
}

/**
 * Nothing is lost by the second one either: what was recorded stays, and another worker goes on.
 * `lost`: where nobody hears any more of what the command does, it comes to rest as on the first one.
 */
export function listenForInterrupts(lost?: AbortSignal): Interrupts {
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
  const fallSilent = (): void => {
    if (controller.signal.aborted) return;
    code = EXIT.readerGone;
    controller.abort();
  };
  lost?.addEventListener('abort', fallSilent, { once: true });
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
      lost?.removeEventListener('abort', fallSilent);
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', terminate);
    },
  };
}
