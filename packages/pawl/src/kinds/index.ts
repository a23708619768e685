/** The door of the built-in step kinds. */
export { httpKind } from './http/kind.ts';
export type { HttpInput } from './http/input.ts';
export type { HttpOutput } from './http/output.ts';
export { shellKind } from './shell/kind.ts';
export type { ShellInput } from './shell/input.ts';
export type { ShellOutput } from './shell/output.ts';
