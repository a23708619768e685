/** Parts that the schemas of several kinds share. */
import { z } from 'zod';

/** A reference to a secret: `{ "$secret": "NAME" }`. */
export const secretRefSchema = z.strictObject({ $secret: z.string().min(1).max(256) });

/** A text that the system and the journal can hold. */
export const plainTextSchema = z
  .string()
  .refine((text) => !text.includes('\u0000'), 'must not hold a NUL character')
  .refine((text) => text.isWellFormed(), 'must not hold a lone surrogate');

/** A text, or a reference to a secret in its place. */
export const textOrSecretSchema = z.union([plainTextSchema, secretRefSchema]);
