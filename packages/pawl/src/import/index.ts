/** The door of the importers. */
export {
  IMPORT_FORMATS,
  type ImportFile,
  type ImportFormat,
  importGraph,
  type ImportResult,
} from './import-graph.ts';
export type { Entry, Fate, Refusal } from './report.ts';
