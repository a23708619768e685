/** JSON from where a person points: the argument itself, `@file`, or `-` for standard input. */
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { pawlError } from '../errors/index.ts';
import { parseJson } from './argument-values.ts';

/** @throws `ARGUMENT_INVALID` where it is not JSON, `FILE_UNREADABLE` */
export async function readJson(source: string, argument: string): Promise<unknown> {
  if (source === '-') return parseJson(await text(process.stdin), `${argument} (standard input)`);
  if (!source.startsWith('@')) return parseJson(source, argument);
  const file = source.slice(1);
  if (file === '') throw pawlError('ARGUMENT_INVALID', { argument, problem: '"@" needs the name of a file' });
  return parseJson(await readText(file), `${argument} (${file})`);
}

/** The text of a file, or `-` for standard input. @throws `FILE_UNREADABLE` */
export async function readSource(file: string): Promise<string> {
  return file === '-' ? await text(process.stdin) : await readText(file);
}

/** @throws `FILE_UNREADABLE` */
async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw pawlError('FILE_UNREADABLE', { file, problem: `${problem}.` }, { cause: error });
  }
}
