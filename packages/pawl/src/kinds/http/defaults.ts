/** The limits of the http kind. */

/** Of one attempt. */
export const TIMEOUT = '30s';

/** The most that is read of an answer, decoded; `maxBodyBytes` of the input changes it. */
export const BODY_BYTES = 10 * 1024 * 1024;

/** The most that `maxBodyBytes` can be raised to. */
export const MAX_BODY_BYTES = 100 * 1024 * 1024;

/** Read of an answer whose status fails the step. */
export const EXCERPT_BYTES = 64 * 1024;

/** Kept of the body in a failure. */
export const FAILURE_BYTES = 4 * 1024;

/** Up to this length the JSON or form of a request is recorded, masked; beyond it only size and digest. */
export const RECORDED_BODY_BYTES = 4 * 1024;

/** The longest wait that another side can ask for with Retry-After: 24 hours. */
export const MAX_RETRY_AFTER_MS = 24 * 60 * 60 * 1_000;
