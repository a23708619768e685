// How the tests run: one project for each kind of promise, each with the patience it needs.
import { defineConfig } from 'vitest/config';
import { hasPostgres } from './test/postgres/server.ts';

const sources = 'packages/pawl/src';

function project(name: string, include: string[], testTimeout: number) {
  return { extends: true as const, test: { name, include, testTimeout, hookTimeout: testTimeout } };
}

/** Promises that SQLite and PostgreSQL keep alike: the same files once more, on a real server. */
const onBothStores = [
  'test/e2e/{examples,graph-examples}.test.ts',
  `test/scenario/{${[
    'a-deploy-may-change-the-code',
    'cancel-reaches-everything',
    'conclusions-see-what-arrived',
    'failures-are-tried-again',
    'idle-costs-nothing',
    'no-signal-is-lost',
    'old-runs-are-removed',
    'steps-wait-for-their-queue',
    'time-is-bounded',
    'workers-outside',
  ].join()}}.test.ts`,
];

function onPostgres(include: string[]) {
  const { extends: parent, test } = project('postgres', include, 180_000);
  return {
    extends: parent,
    test: {
      ...test,
      env: { PAWL_TEST_STORE: 'postgres' },
      setupFiles: ['test/scenario/support/on-both-stores.ts'],
    },
  };
}

if (!hasPostgres())
  process.stderr.write(
    'not played, all that needs PostgreSQL: there are no binaries of it for this machine\n',
  );

export default defineConfig({
  test: {
    environment: 'node',
    pool: 'forks',
    maxWorkers: '200%', // most of what they do is waiting for processes
    execArgv: ['--disable-warning=ExperimentalWarning'],
    passWithNoTests: true,
    projects: [
      project('house', ['test/{architecture,tidy,errors,docs}.test.ts'], 20_000),
      project('unit', [`${sources}/**/*.test.ts`], 10_000),
      project('behavior', ['test/{contract,scenario,simulation,replay}/**/*.test.ts'], 60_000),
      ...(hasPostgres() ? [onPostgres(onBothStores)] : []),
      project('slow', ['test/{crash,e2e}/**/*.test.ts', 'test/package.test.ts'], 180_000),
    ],
    coverage: {
      provider: 'v8',
      include: ['std', 'errors', 'step', 'run', 'graph', 'decide'].map(
        (room) => `${sources}/${room}/**/*.ts`,
      ),
      exclude: ['**/*.test.ts', '**/index.ts'],
      reporter: ['text', 'html'],
      thresholds: { branches: 100 },
    },
  },
});
