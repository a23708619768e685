/** What a node gives to a model: prompt, model, tools. */
import type { Json } from '../../std/index.ts';
import { type Fields, isFields, type Part } from '../part.ts';
import { type HarnNode, literalText, stepTarget } from './node.ts';

/** A field of the node, else that of the whole shorthand. */
export function own({ part, defaults }: HarnNode, name: string): Part {
  const inner = part.at(name);
  return inner.isThere || defaults === undefined || !defaults.at(name).isThere ? inner : defaults.at(name);
}

const MODEL_FIELDS = {
  temperature: 'temperature',
  max_tokens: 'maxTokens',
  model_tier: 'tier',
  max_iterations: 'maxIterations',
  max_nudges: 'maxNudges',
  nudge: 'nudge',
  tool_format: 'toolFormat',
  tool_examples: 'toolExamples',
  stop_after_successful_tools: 'stopAfterSuccessfulTools',
  turn_policy: 'turnPolicy',
};

/** Prompt, model and tools. */
export function workOf(node: HarnNode, more = ''): Fields {
  const where = (name: string): string => stepTarget(node, `with.${name}`);
  const policy = node.part.at('model_policy');
  const pick = (name: string): Part => {
    const inner = policy.at(name);
    return inner.isThere || !node.defaults ? inner : node.defaults.at(name);
  };
  const [provider, model] = [pick('provider'), pick('model')];
  for (const part of [provider, model]) if (part.isThere) part.to(where('model'));
  const named = [provider.text(), model.text()].filter((text) => text !== undefined).join('/');
  const fields: Fields = {};
  for (const [name, field] of Object.entries(MODEL_FIELDS)) {
    const part = pick(name);
    if (!part.isThere) continue;
    fields[field] = part.value as Json;
    part.to(where(field));
  }
  return {
    ...(named === '' ? {} : { model: named }),
    prompt: `${promptOf(node)}${more}`,
    ...textField(node, 'system', 'system'),
    ...fields,
    ...toolsOf(node.part.at('tools'), where('tools')),
    ...textField(node, 'done_sentinel', 'doneSentinel'),
    ...verifiedExit(node),
  };
}

/** The task opens every prompt. */
function promptOf(node: HarnNode): string {
  const [label, prompt] = [node.part.at('task_label'), node.part.at('prompt')];
  const [heading, text] = [label.text(), prompt.text()];
  const target = stepTarget(node, 'with.prompt');
  if (heading !== undefined) label.to(target, 'in front of the task');
  if (text !== undefined) prompt.to(target, 'after the task, which opens every prompt');
  const task = `${heading === undefined ? '' : `${literalText(heading)}: `}{{ input.task }}`;
  return text === undefined ? task : `${task}\n\n${literalText(text)}`;
}

function textField(node: HarnNode, name: string, field: string): Fields {
  const part = own(node, name);
  const text = part.text();
  if (text === undefined) return {};
  part.to(stepTarget(node, `with.${field}`));
  return { [field]: literalText(text) };
}

function verifiedExit(node: HarnNode): Fields {
  const part = node.part.at('exit_when_verified');
  const isOn = part.flag();
  if (isOn === undefined) return {};
  part.to(stepTarget(node, 'with.exitWhenVerified'), isOn ? undefined : 'off');
  return isOn ? { exitWhenVerified: true } : {};
}

/** A registry, a list, or one tool. */
function toolsOf(part: Part, where: string): Fields {
  if (!part.isThere) return {};
  const list = part.at('tools').isThere ? part.at('tools') : part;
  const { value } = list;
  if (part !== list && part.at('_type').isThere) part.at('_type').to(where);
  list.to(where);
  const tools = Array.isArray(value)
    ? value
    : isFields(value) && typeof value['name'] === 'string'
      ? [value]
      : value;
  const isEmpty =
    tools === undefined || (typeof tools === 'object' && tools !== null && Object.keys(tools).length === 0);
  return isEmpty ? {} : { tools: escaped(tools) };
}

/** Descriptions of tools are no templates. */
export function escaped(value: Json): Json {
  if (typeof value === 'string') return literalText(value);
  if (Array.isArray(value)) return value.map(escaped);
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, escaped(part)]));
}
