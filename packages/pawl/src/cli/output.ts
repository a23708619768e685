/** Standard output as commands need it: whatever is written either leaves, or is known to be lost. */
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import type { Platform, StopTimer } from '../std/index.ts';
import { READER_LOOK_MS } from './defaults.ts';

export interface Output {
  write(text: string): void;
  /** Aborted as soon as nothing that is written reaches anybody any more. */
  readonly lost: AbortSignal;
  /** Why it was lost; undefined where its reader has gone, as `head` does: that is nobody's mistake. */
  readonly problem: () => Error | undefined;
  /** Resolves when everything that was written has left, or is lost. */
  settled(): Promise<void>;
  /** Looks from time to time whether a pipe still has its reader; for who waits long before the next write. */
  watchReader(platform: Pick<Platform, 'setTimer'>): StopTimer;
}

const STDOUT = 1;
/** What the system says of a pipe or socket whose other end has closed. */
const READER_GONE: readonly (string | undefined)[] = ['EPIPE', 'ECONNRESET'];

/** live → lost, once. */
export function openOutput(stream: NodeJS.WriteStream): Output {
  const losing = new AbortController();
  let problem: Error | undefined;
  const lose = (error?: NodeJS.ErrnoException | null): void => {
    if (losing.signal.aborted) return;
    problem = error && !READER_GONE.includes(error.code) ? error : undefined;
    losing.abort();
  };
  const write = stream.write.bind(stream);
  const written = (error?: Error | null): void => {
    if (error) lose(error);
  };
  stream.on('error', lose);
  return {
    write: (text) => {
      if (!losing.signal.aborted) write(text, written);
    },
    lost: losing.signal,
    problem: () => problem,
    settled: () =>
      new Promise((resolve) => {
        write('', () => resolve());
      }),
    watchReader: (platform) => {
      if (!fstatSync(STDOUT).isFIFO()) return () => undefined;
      let stop: StopTimer = () => undefined;
      const look = (): void => {
        if (hasReader()) stop = platform.setTimer(READER_LOOK_MS, look);
        else lose();
      };
      look();
      return () => stop();
    },
  };
}

/** Linux refuses to open a pipe for writing that nobody reads; other systems do not tell before the next write. */
function hasReader(): boolean {
  try {
    closeSync(openSync(`/proc/self/fd/${STDOUT}`, constants.O_WRONLY | constants.O_NONBLOCK));
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENXIO';
  }
}
