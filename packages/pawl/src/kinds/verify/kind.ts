/** The step kind `verify`: a contract whose clauses must all hold. */
import { defineKind } from '../../step/index.ts';
import { TIMEOUT } from './defaults.ts';
import { verify } from './effect.ts';
import { type VerifyInput, verifyInputSchema } from './input.ts';
import { recordedVerifyInput } from './record.ts';

export const verifyKind = defineKind<VerifyInput>({
  name: 'verify',
  schema: verifyInputSchema,
  labels: ['passed'],
  timeout: TIMEOUT,
  record: recordedVerifyInput,
  execute: verify,
});
