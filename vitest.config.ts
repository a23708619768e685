// How the tests run: one project for each kind of promise, each with the patience it needs.
import { defineConfig } from 'vitest/config';

const sources = 'packages/pawl/src';

function project(name: string, include: string[], testTimeout: number) {
  return { extends: true as const, test: { name, include, testTimeout, hookTimeout: testTimeout } };
}

export default defineConfig({
  test: {
    environment: 'node',
    pool: 'forks',
    maxWorkers: '150%', // half of what they do is waiting for processes
    execArgv: ['--disable-warning=ExperimentalWarning'],
    passWithNoTests: true,
    projects: [
      project('house', ['test/{architecture,tidy,errors,docs}.test.ts'], 20_000),
      project('unit', [`${sources}/**/*.test.ts`], 10_000),
      project('behavior', ['test/{contract,scenario,simulation,replay}/**/*.test.ts'], 60_000),
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
