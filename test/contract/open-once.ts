/** A process that opens a store and says how that went. */
import { nodePlatform } from '../../packages/pawl/src/engine/platform.ts';
import { openSqliteStore } from '../../packages/pawl/src/sqlite.ts';

const path = process.argv[2] ?? '';
try {
  await (await openSqliteStore({ ...nodePlatform(), path })).close();
  console.log('opened');
} catch (error) {
  console.log((error as { code: string }).code);
}
