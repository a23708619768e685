/** The door `pawl/testing`: what tests of workflows and of stores need. */
export { type CrashSafeOptions, type CrashSafeReport, expectCrashSafe } from './crash-safe.ts';
export { type Effect, type EffectLog, effectLog } from './effect-log.ts';
export { type FakePlatform, type FakePlatformOptions, fakePlatform, type LogLine } from './fake-platform.ts';
export { handDriven, type HandDriven, type HandDrivenOptions, type Recording } from './hand-driven.ts';
export type { Kill } from './mortal-process.ts';
export type { Actor } from './resent-acts.ts';
