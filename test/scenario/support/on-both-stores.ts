/** Chooses, in a file of tests that is run once more on PostgreSQL, those whose names say that both stores promise it. */
import { beforeEach } from 'vitest';

/** What DEFECTS of earlier systems must not come again on any store. */
const ON_BOTH = /\b(?:J(?:5|6|7|10|12|13|14|15|19)|P(?:1|10|11|12|13|14))\b/;

/** Workers outside have nothing but the store to be told by. */
const WHOLE_FILES = /\/test\/scenario\/workers-outside\.test\.ts$/;

beforeEach(({ task, skip }) => {
  const { filepath } = task.file;
  const isChosen = !filepath.includes('/test/scenario/') || WHOLE_FILES.test(filepath);
  skip(!isChosen && !ON_BOTH.test(task.fullTestName), 'it is no matter of the store');
});
