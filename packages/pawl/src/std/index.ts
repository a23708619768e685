/** The door of the ground: small tools that everything else stands on. */
export { checkOptions, checkText, checkWhole, nearest } from './check-options.ts';
export { type Deferred, deferred, unreachable } from './deferred.ts';
export { digestText, digestValue } from './digest.ts';
export { type Duration, formatDuration, MAX_DURATION_MS, parseDuration, parseLimit } from './duration.ts';
export { byteLength, encodeValue } from './encode.ts';
export { parseInstant } from './instant.ts';
export { canonicalJson, findValueProblem, type Json, type ValueProblem } from './json.ts';
export {
  compileRe2,
  MatchWork,
  type Pattern,
  type PatternCompilation,
} from './pattern.ts';
export { decodePayload, NO_VALUE, type Payload, payloadOf } from './payload.ts';
export type { Clock, LogFields, Logger, LogLevel, Platform, StopTimer } from './platform.ts';
export { Roster } from './roster.ts';
export { logWith, type RunLog } from './run-log.ts';
export {
  checkSchema,
  jsonSchemaOf,
  requireSchema,
  type Schema,
  type SchemaCheck,
  schemaIdentity,
  type SchemaOutput,
} from './schema.ts';
export { shellWord } from './shell-word.ts';
export {
  lineOf,
  type Misfit,
  parserOf,
  schemaCompiler,
  type SchemaCompilation,
  type SchemaCompiler,
  type ValueSchema,
} from './value-schema.ts';
export { withoutPassword } from './without-password.ts';
