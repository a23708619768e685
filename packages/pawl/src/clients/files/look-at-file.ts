/** Looks at a path: whether something is there, and its text where that is asked for. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { textOf } from '../utf8.ts';

/** `kind` other: there is something that has no text, such as a folder or a pipe. */
export type FileLook =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'file' | 'other' | 'missing' }
  | { readonly kind: 'too_long'; readonly limitBytes: number }
  | { readonly kind: 'unreadable'; readonly problem: string };

export interface FileRequest {
  readonly path: string;
  /** Longer files are not read; left out: no file is. */
  readonly textBytes?: number | undefined;
}

export async function lookAtFile({ path, textBytes }: FileRequest, signal: AbortSignal): Promise<FileLook> {
  try {
    const found = await stat(path);
    if (!found.isFile()) return { kind: 'other' };
    if (textBytes === undefined) return { kind: 'file' };
    const bytes = await readStart(path, textBytes + 1, signal);
    if (bytes.length > textBytes) return { kind: 'too_long', limitBytes: textBytes };
    return { kind: 'text', text: textOf(bytes) };
  } catch (error) {
    if (signal.aborted) throw error;
    const { code = String(error) } = error as { readonly code?: string };
    return code === 'ENOENT' || code === 'ENOTDIR'
      ? { kind: 'missing' }
      : { kind: 'unreadable', problem: code };
  }
}

/** A file may grow while it is read, and some say that they are empty and are not: the size is that of what was read. */
async function readStart(path: string, limitBytes: number, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const stream = createReadStream(path, { end: limitBytes - 1, signal });
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
