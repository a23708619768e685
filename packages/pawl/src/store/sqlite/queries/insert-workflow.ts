/** Registers a version, which never changes afterwards. */
import { query } from '../query.ts';

export const insertWorkflow = query<
  [name: string, version: string, digest: string, inputSchema: string | null]
>('insert into workflows (name, version, digest, input_schema) values (?, ?, ?, ?)');
