/** The step kind `reduce`: one value made of a list. */
import { defineKind } from '../../step/index.ts';
import { reduceItems } from './effect.ts';
import { type ReduceInput, reduceInputSchema } from './input.ts';

export const reduceKind = defineKind<ReduceInput>({
  name: 'reduce',
  isInline: true,
  schema: reduceInputSchema,
  labels: ['ok'],
  retry: 'none',
  execute: reduceItems,
});
