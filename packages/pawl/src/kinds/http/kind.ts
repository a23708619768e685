/** The step kind `http`: one request, without redirects. */
import { defineKind } from '../../step/index.ts';
import { TIMEOUT } from './defaults.ts';
import { runHttp } from './effect.ts';
import { type HttpInput, httpInputSchema } from './input.ts';
import { recordedHttpInput } from './record.ts';

export const httpKind = defineKind<HttpInput>({
  name: 'http',
  schema: httpInputSchema,
  labels: ['ok'],
  timeout: TIMEOUT,
  record: recordedHttpInput,
  execute: runHttp,
});
