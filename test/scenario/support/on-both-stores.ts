/** Chooses, in a file of tests that is run once more on PostgreSQL, those whose names say that both stores promise it. */
import { beforeEach } from 'vitest';

/** What DEFECTS of earlier systems must not come again on any store. */
const ON_BOTH = /\b(?:J(?:5|6|7|10|12|13|14|15|19)|P(?:1|10|11|12|13|14))\b/;

beforeEach(({ task, skip }) => {
  const isScenario = task.file.filepath.includes('/test/scenario/');
  skip(isScenario && !ON_BOTH.test(task.fullTestName), 'it is no matter of the store');
});
