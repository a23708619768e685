/** Stages: what a model, an agent, a command or a person does. */
import type { Json } from '../../std/index.ts';
import type { Fields, Part } from '../part.ts';
import { type Branch, failures, type HarnNode, type HarnStep, literalText, stepTarget } from './node.ts';
import { contractOf } from './contract.ts';
import { escaped, own, workOf } from './work.ts';

const OK: readonly Branch[] = [{ on: ['ok'] }];

export function stageStep(node: HarnNode): HarnStep {
  const part = own(node, 'mode');
  const mode = part.text() ?? 'default';
  const rule = Object.hasOwn(MODES, mode) ? MODES[mode] : undefined;
  if (rule === undefined) {
    part.refuse('IMPORT_KIND_UNKNOWN', { kind: mode }, { name: mode, known: Object.keys(MODES) });
    return { step: { kind: 'join' }, branches: {}, good: ['ok'] };
  }
  if (part.isThere && mode !== 'compact') part.to(stepTarget(node, 'kind'));
  return rule(node);
}

const MODES: Readonly<Record<string, (node: HarnNode) => HarnStep>> = {
  agent: agentStep,
  llm: modelStep,
  default: (node) => (hasTools(node) ? agentStep(node) : modelStep(node)),
  command: commandStep,
  compact: compactStep,
  manual: gateStep,
};

function hasTools(node: HarnNode): boolean {
  const { value } = node.part.at('tools');
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

function agentStep(node: HarnNode): HarnStep {
  const step = { kind: 'agent', with: workOf(node), ...contractOf(node) };
  return { step, branches: { success: OK, ...failures(node.id, { isAgent: true }) }, good: ['ok'] };
}

function modelStep(node: HarnNode): HarnStep {
  const step = { kind: 'model', with: workOf(node), ...contractOf(node) };
  return { step, branches: { success: OK, ...failures(node.id) }, good: ['ok'] };
}

/** A delegated worker is an agent with a conversation of its own. */
export function delegatedStep(node: HarnNode): HarnStep {
  const mode = node.part.at('mode');
  mode.nearly(stepTarget(node, 'kind'), 'a worker that a stage delegates to is an agent');
  return agentStep(node);
}

/** The command stands in `metadata`, in `verify`, or is the prompt. */
function commandStep(node: HarnNode): HarnStep {
  const command = commandOf(node);
  if (command === undefined)
    node.part.differs('a stage in the mode "command" names no command, and would always fail');
  const code = '"SHELL_EXIT"';
  return {
    step: { kind: 'shell', with: command ?? { command: 'false' } },
    branches: { success: OK, ...failures(node.id, { code }) },
    good: ['ok'],
  };
}

const COMMAND_OPTIONS = { cwd: 'cwd', env: 'env', stdin: 'stdin' };
const RUNNERS = new Set(['run', 'command_run', 'process.exec', '']);

function commandOf(node: HarnNode): Fields | undefined {
  const metadata = node.part.at('metadata');
  const target = stepTarget(node, 'with');
  const spec = metadata.at('command_spec');
  if (Array.isArray(spec.value)) return { argv: texts(spec, target) };
  const args = spec.isThere ? spec : metadata.at('command_args');
  const options: Fields = {};
  for (const [name, field] of Object.entries(COMMAND_OPTIONS))
    if (args.at(name).isThere) options[field] = escaped(args.at(name).value as Json);
  const tool = metadata.at('command_tool').text() ?? '';
  const program = RUNNERS.has(tool) ? [] : [literalText(tool)];
  const line = args.at('command').isThere ? args.at('command') : node.verify.at('command');
  if (Array.isArray(args.value)) return { argv: [...program, ...texts(args, target)] };
  const list = args.at('argv').isThere ? args.at('argv') : args.at('args');
  if (list.isThere) return { argv: [...program, ...texts(list, target)], ...options };
  if (program.length > 0)
    return { argv: [...program, ...(typeof args.value === 'string' ? [args.value] : [])], ...options };
  return lineOf(node, line, options);
}

function lineOf(node: HarnNode, line: Part, options: Fields): Fields | undefined {
  const target = stepTarget(node, 'with.command');
  const text = line.text();
  if (text !== undefined) {
    line.to(target);
    return { command: literalText(text), ...options };
  }
  const prompt = node.part.at('prompt');
  const command = prompt.text();
  if (command === undefined) return undefined;
  prompt.nearly(target, 'the prompt of a command is taken for its command line');
  return { command: literalText(command), ...options };
}

function texts(part: Part, target: string): readonly string[] & Json[] {
  const list = part.texts().map(literalText);
  part.to(target);
  return list;
}

/** Conversations are shortened where they are kept, and not by a step. */
function compactStep(node: HarnNode): HarnStep {
  node.part
    .at('mode')
    .without('a conversation is shortened where it is kept, by `conversation`; the step is a marker');
  node.part.at('prompt').without('nobody is asked anything here');
  return { step: { kind: 'join' }, branches: { compacted: OK, success: OK }, good: ['ok'] };
}

/** A person decides. */
function gateStep(node: HarnNode): HarnStep {
  const metadata = node.part.at('metadata');
  const prompt = metadata.at('approval_prompt').isThere
    ? metadata.at('approval_prompt')
    : node.part.at('prompt');
  const text = prompt.text();
  if (text !== undefined) prompt.to(stepTarget(node, 'with.message'));
  const deadline = metadata.at('deadline').duration();
  const reviewers = metadata.at('reviewers');
  const names = Array.isArray(reviewers.value) ? reviewers.texts() : [];
  const quorum = metadata.at('quorum').number() ?? 1;
  const approvers = quorum > 1 ? { names: [...names], quorum } : [...names];
  return {
    step: {
      kind: 'approval',
      with: {
        message: literalText(text ?? `Approve "${node.id}"?`),
        ...(names.length === 0 && quorum <= 1 ? {} : { approvers }),
        ...(deadline === undefined ? {} : { deadline }),
      },
    },
    branches: {
      approved: [{ on: ['approved'] }],
      denied: [{ on: ['rejected'] }],
      failed: [{ on: ['expired'] }],
      error: [{ on: ['failed'] }],
      skipped: undefined,
    },
    good: ['approved'],
  };
}
