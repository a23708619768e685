/** The door `pawl/testing`: what tests of workflows and of stores need. */
export { type FakePlatform, type FakePlatformOptions, fakePlatform, type LogLine } from './fake-platform.ts';
export { handDriven, type HandDriven, type HandDrivenOptions, type Recording } from './hand-driven.ts';
