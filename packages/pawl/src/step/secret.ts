/** Secret references: what is recorded instead of a secret. */

/** A reference to a secret by name; its value is looked up by the worker at the moment of use and is never recorded. */
export interface SecretRef {
  readonly $secret: string;
}

/** Only what `secret()` made is a reference: data that merely looks like one (a webhook's, a model's) resolves nothing. */
const made = new WeakSet<object>();

/** A reference to the secret `name`; workers look it up in their environment. */
export function secret(name: string): SecretRef {
  const ref = Object.freeze({ $secret: name });
  made.add(ref);
  return ref;
}

export function isSecretRef(value: unknown): value is SecretRef {
  return typeof value === 'object' && value !== null && made.has(value);
}

/** What stands in records and logs where a secret stood. */
export const MASK = '[secret]';

const SENSITIVE =
  /authorization|cookie|(?<!(max|min|input|output|total|prompt|completion)[-_]?)tokens?$|secret|password|passwd|api[-_]?key|credential|private[-_]?key/i;

/** Whether a header or variable of this name is masked even when its value was given in the clear. */
export function isSensitiveName(name: string): boolean {
  return SENSITIVE.test(name);
}
