/** The importer of JamJet: finds out which dialect a file is written in, and reads it. */
import type { Json } from '../../std/index.ts';
import type { Draft } from '../draft.ts';
import { Part } from '../part.ts';
import type { Report } from '../report.ts';
import { isAgentFile, readAgentFile } from './agent-file.ts';
import { isIr, readIr } from './ir.ts';
import { isListDialect, readListDialect } from './yaml-list.ts';
import { isMapDialect, readMapDialect } from './yaml-map.ts';

/**
 * The draft of a file. Nodes may speak of keys that its state does not declare: those are known only when all nodes are read,
 * so that the file is read once more with them.
 */
export function readJamJet(
  value: Json,
  newReport: () => Report,
): { readonly draft: Draft | undefined; readonly report: Report } {
  const spokenOf = new Set<string>();
  readOnce(value, newReport(), spokenOf);
  const report = newReport();
  return { draft: readOnce(value, report, spokenOf), report };
}

function readOnce(value: Json, report: Report, spokenOf: Set<string>): Draft | undefined {
  const root = new Part(value, [], report);
  if (isAgentFile(root)) return readAgentFile(root);
  if (isIr(root)) return readIr(root, spokenOf);
  if (isListDialect(root)) return readListDialect(root, spokenOf);
  if (isMapDialect(root)) return readMapDialect(root, spokenOf);
  const isFleet = root.at('workflows').isThere || root.at('agents').isThere;
  const problem = isFleet
    ? 'it holds several workflows or agents; import them one by one, each as a file of its own'
    : 'it is no workflow of JamJet: neither IR (`workflow_id`, `nodes`) nor YAML with `workflow` and `nodes`, nor an `agent`';
  root.refuse('IMPORT_FORMAT', { problem });
  return undefined;
}
