/** The event codec: what every store shares between an event and its row. */
export { checksumOf } from './checksum.ts';
export { decodeEvent, eventName } from './decode.ts';
export { encodeEvent, isEncodeProblem } from './encode.ts';
