/** A database as a script, and back: histories are kept as text, so that people can read what a version wrote. */
import { DatabaseSync } from 'node:sqlite';

export function dumpDatabase(file: string): string {
  const db = new DatabaseSync(file, { readOnly: true });
  const objects = db
    .prepare(
      "select type, name, sql from sqlite_master where sql is not null and name not like 'sqlite_%' order by rowid",
    )
    .all() as unknown as readonly { readonly type: string; readonly name: string; readonly sql: string }[];
  const pragmas = ['application_id', 'user_version'].map((name) => {
    const row = db.prepare(`pragma ${name}`).get() as Record<string, number>;
    return `pragma ${name} = ${row[name] ?? 0};`;
  });
  const lines = [...pragmas];
  for (const { type, name, sql } of objects) {
    lines.push(`${sql};`);
    if (type === 'table') lines.push(...insertsOf(db, name));
  }
  db.close();
  return `${lines.join('\n')}\n`;
}

function insertsOf(db: DatabaseSync, table: string): readonly string[] {
  const select = db.prepare(`select * from "${table}"`);
  select.setReadBigInts(true);
  return select
    .all()
    .map((row) => `insert into "${table}" values (${Object.values(row).map(literal).join(', ')});`);
}

function literal(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'bigint' || typeof value === 'number') return String(value);
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
  throw new Error(`a value of type ${typeof value} is not in the journal`);
}

export function restoreDatabase(file: string, script: string): void {
  const db = new DatabaseSync(file);
  db.exec(`pragma journal_mode = wal; begin; ${script} commit;`);
  db.close();
}
