/** The contract that every store keeps: a list of sentences with the code that tries them. */
export { storeContract } from './all.ts';
export { MovedClock, type OpenStore } from './contract.ts';
