/** `npm run test:faults`: everything in test/crash, many times in a row; ends at the first round that fails. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const ROUNDS = Number(process.env.PAWL_FAULT_ROUNDS ?? 20);
if (!Number.isInteger(ROUNDS) || ROUNDS < 1) {
  console.error(`PAWL_FAULT_ROUNDS=${process.env.PAWL_FAULT_ROUNDS}: a whole number from 1 on is meant`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'pawl-faults-'));
const file = join(folder, 'counts');
writeFileSync(file, '');

/** What the tests of chance have counted so far: a line for each of them. */
function sums() {
  const all = new Map();
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    const { what, counts } = JSON.parse(line);
    const sum = all.get(what) ?? {};
    for (const [name, count] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + count;
    all.set(what, sum);
  }
  return [...all].map(([what, sum]) => {
    const said = Object.entries(sum).map(([name, count]) => `${count.toLocaleString('en')} ${name}`);
    return `${what}: ${said.join(', ')}`;
  });
}

let played = 0;
let status = 0;
while (status === 0 && played < ROUNDS) {
  const done = spawnSync(
    process.execPath,
    [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'slow', 'test/crash'],
    { cwd: root, stdio: 'inherit', env: { ...process.env, PAWL_FAULT_COUNTS: file } },
  );
  status = done.status ?? 1;
  if (status === 0) played += 1;
  console.log(`${played} of ${ROUNDS} rounds passed${status === 0 ? '' : ', then one failed'}`);
}
for (const line of sums()) console.log(line);
rmSync(folder, { recursive: true, force: true });
process.exitCode = status;
