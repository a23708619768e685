/** The error codes of workers outside and of the door by HTTP. Part of the catalogue. */
import type { Entry } from './entry.ts';

export const doorCodes = {
  TASK_LOST: {
    family: 'usage',
    message: 'The task is not yours any more: {detail}.',
    todo: 'Stop working on it; what it did is not recorded. The step was cancelled, has ended, or is tried again by somebody else.',
  },
  TASK_TOKEN_INVALID: {
    family: 'usage',
    message: 'This is no token of a task: {problem}.',
    todo: 'Send the `token` of the claim back as it came.',
  },

  HTTP_DOOR_KEY: {
    family: 'usage',
    message: 'The door does not let this request in.',
    todo: 'Send `authorization: Bearer KEY`; without a key, call it as localhost or 127.0.0.1 and from no web page.',
  },
  HTTP_DOOR_NEEDS_KEY: {
    family: 'usage',
    message: 'The door would be open to everybody who reaches {host}.',
    todo: 'Give it a key (`PAWL_HTTP_KEY`, or `key` of `serve`), or keep it on 127.0.0.1.',
  },
  HTTP_DOOR_ADDRESS: {
    family: 'operational',
    message: 'The door cannot open at {address}: {problem}.',
    todo: 'Choose another port, or see who has this one.',
  },
  HTTP_DOOR_PATH: {
    family: 'usage',
    message: 'There is nothing at {path}.',
    todo: 'See docs/outside-workers.md for the calls.',
  },
  HTTP_DOOR_METHOD: {
    family: 'usage',
    message: '{method} means nothing here.',
    todo: 'All calls are POST.',
  },
  HTTP_DOOR_CONTENT_TYPE: {
    family: 'usage',
    message: 'The body is not said to be JSON.',
    todo: 'Send `content-type: application/json`.',
  },
  HTTP_DOOR_BODY: {
    family: 'usage',
    message: 'The body cannot be read: {problem}.',
    todo: 'Send one JSON object.',
  },
  HTTP_DOOR_BODY_TOO_LARGE: {
    family: 'usage',
    message: 'The body is longer than {limit} bytes.',
    todo: 'Send a reference to what is that long, or raise `maxBodyBytes`.',
  },
} as const satisfies Record<string, Entry>;
