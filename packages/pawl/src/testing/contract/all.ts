/** All parts of the store contract, in the order of reading. */
import { arrivalContract } from './arrivals.ts';
import { claimContract } from './claims.ts';
import { commitContract } from './commit.ts';
import { conclusionContract } from './conclusions.ts';
import type { ContractTest } from './contract.ts';
import { creationContract } from './creates.ts';
import { readContract } from './reads.ts';
import { retentionContract } from './retention.ts';
import { taskContract } from './tasks.ts';
import { waitContract } from './waits.ts';
import { workerContract } from './workers.ts';

export const storeContract: readonly ContractTest[] = [
  ...commitContract,
  ...conclusionContract,
  ...arrivalContract,
  ...creationContract,
  ...claimContract,
  ...taskContract,
  ...waitContract,
  ...readContract,
  ...workerContract,
  ...retentionContract,
];
