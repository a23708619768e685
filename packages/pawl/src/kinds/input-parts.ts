/** Parts that the schemas of several kinds share. */
import { z } from 'zod';
import { isSecretRef, type SecretRef } from '../step/index.ts';

/** A reference to a secret, made by `secret(name)`: checked by identity, so that data cannot pass for one. */
export const secretRefSchema = z.custom<SecretRef>(isSecretRef, 'a value or a reference made by secret()');
secretRefSchema._zod.toJSONSchema = () => ({
  type: 'object',
  properties: { $secret: { type: 'string' } },
  required: ['$secret'],
  additionalProperties: false,
});

/** A text that the system and the journal can hold. */
export const plainTextSchema = z
  .string()
  .refine((text) => !text.includes('\u0000'), 'must not hold a NUL character')
  .refine((text) => text.isWellFormed(), 'must not hold a lone surrogate');

/** A text, or a reference to a secret in its place. */
export const textOrSecretSchema = z.union([plainTextSchema, secretRefSchema]);
