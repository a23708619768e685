/** Standard output as commands need it: whatever is written either leaves, or is known to be lost. */

export interface Output {
  write(text: string): void;
  /** Aborted as soon as something that was written reaches nobody any more: a pipe does not tell before that. */
  readonly lost: AbortSignal;
  /** Why it was lost; undefined where its reader has gone, as `head` does: that is nobody's mistake. */
  readonly problem: () => Error | undefined;
  /** Resolves when everything that was written has left, or is lost. */
  settled(): Promise<void>;
}

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
  };
}
