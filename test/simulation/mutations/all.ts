/** Every mutation, and every rule that has none. */
import { commitMutations, commitOmissions } from './commit.ts';
import { driverMutations, driverOmissions } from './driver.ts';
import { holderMutations, holderOmissions } from './holders.ts';
import type { Mutation, Omission } from './mutation.ts';
import { taskMutations, taskOmissions } from './tasks.ts';

export const mutations: readonly Mutation[] = [
  ...commitMutations,
  ...holderMutations,
  ...driverMutations,
  ...taskMutations,
];

export const omissions: readonly Omission[] = [
  ...commitOmissions,
  ...holderOmissions,
  ...driverOmissions,
  ...taskOmissions,
];
