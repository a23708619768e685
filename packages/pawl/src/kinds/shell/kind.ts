/** The step kind `shell`: one command on the worker's machine. */
import { defineKind } from '../../step/index.ts';
import { TIMEOUT } from './defaults.ts';
import { runShell } from './effect.ts';
import { type ShellInput, shellInputSchema } from './input.ts';
import { recordedShellInput } from './record.ts';

export const shellKind = defineKind<ShellInput>({
  name: 'shell',
  schema: shellInputSchema,
  labels: ['ok'],
  timeout: TIMEOUT,
  record: recordedShellInput,
  execute: runShell,
});
