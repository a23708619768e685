/** The door of the error catalogue. */
export { catalogue, type ErrorCode } from './catalogue.ts';
export {
  Defect,
  type ErrorFamily,
  type ErrorParams,
  isPawlError,
  messageOf,
  OperationalError,
  PawlError,
  pawlError,
  UsageError,
} from './pawl-error.ts';
