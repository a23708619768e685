/** The event codec: what every store shares between an event and its row. */
export { checksumOf, type EventPlace } from './checksum.ts';
export { decodeEvent, eventName, type EventRow } from './decode.ts';
export { encodeEvent, type EncodeProblem, isEncodeProblem } from './encode.ts';
