/** The door of the wires outward: child processes, HTTP, files and the matching of texts. */
export { wallTimeMs } from './clock.ts';
export { type FileLook, lookAtFile } from './files/look-at-file.ts';
export { type HttpAnswer, type HttpAnswered, type HttpCall, sendRequest } from './http/send-request.ts';
export type { OutputText } from './process/capped-output.ts';
export { type ProcessEnded, type ProcessRequest, runProcess } from './process/run-process.ts';
export { matchText } from './regex/match-text.ts';
export { firstWhole, lastWhole, recordableText, textOf } from './utf8.ts';
