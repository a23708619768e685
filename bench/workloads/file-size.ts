/** How large a database is once its log has been moved into it. */
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** Bytes of a database that nobody else has open. */
export function fileBytes(file: string): number {
  const db = new DatabaseSync(file);
  const answer = db.prepare('pragma wal_checkpoint(truncate)').get();
  db.close();
  if (answer?.['busy'] !== 0) throw new Error(`${file} is still open elsewhere`);
  return statSync(file).size;
}
