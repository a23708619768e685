/** An agent file of JamJet: one agent with its goal, tools and limits, as a graph of one step. */
import { nameFrom } from '../assemble.ts';
import type { Draft } from '../draft.ts';
import { readTemplate } from '../jinja.ts';
import type { Fields, Part, StepFields } from '../part.ts';
import { labelsOf } from './step-fields.ts';
import { moneyOf } from './policies.ts';
import { copied } from './resources.ts';
import { INPUT_IS_STATE, readState } from './state.ts';

export function isAgentFile(root: Part): boolean {
  return root.at('agent').isRecord && !root.at('nodes').isThere;
}

const STRATEGY = 'agents here have one way of working until their own version comes';

export function readAgentFile(root: Part): Draft | undefined {
  const agent = root.at('agent');
  const [id, version] = [agent.at('id').word(), agent.at('version').word()];
  for (const [name, value] of [
    ['id', id],
    ['version', version],
  ] as const)
    if (value === undefined)
      agent.at(name).refuse('IMPORT_SHAPE', { problem: 'is missing: an agent has one' });
  if (id === undefined || version === undefined) return undefined;
  const name = nameFrom(id);
  agent.at('id').to('workflow');
  agent.at('version').to('version');
  for (const field of ['strategy', 'strategy_config']) agent.at(field).without(STRATEGY);
  agent.at('on_limit_exceeded').without('an agent that reaches a limit ends as exhausted');
  const [title, description] = [agent.at('name').text(), agent.at('description').text()];
  if (title !== undefined) agent.at('name').to('title');
  if (description !== undefined) agent.at('description').to('description');
  const { metadata, ...state } = readState(agent.at('state_schema'), new Set()).top;
  root.report.follows(INPUT_IS_STATE, 'stateFrom');
  root.report.note('what the agent gives is saved as `result`', `steps.${name}.save`);
  return {
    top: {
      workflow: name,
      version,
      ...(title === undefined ? {} : { title }),
      ...(description === undefined ? {} : { description }),
      ...labelsOf(agent.at('labels'), 'labels'),
      ...(metadata === undefined ? {} : { metadata }),
      ...('state' in state ? { ...state, state: { ...(state.state as Fields), result: {} } } : {}),
      stateFrom: 'input',
    },
    steps: [{ id, at: agent.path, step: stepOf(agent, name) }],
    edges: [],
    start: id,
    routed: new Set(),
    loops: { max: 1, note: '' },
  };
}

function stepOf(agent: Part, name: string): StepFields {
  const where = `steps.${name}`;
  const goal = agent.at('goal');
  const prompt = goalOf(goal);
  if (prompt !== undefined) goal.to(`${where}.with.prompt`);
  const limits = agent.at('limits');
  const deadline = limits.at('timeout_seconds').duration();
  const usd = limits.at('max_cost_usd').number();
  if (deadline !== undefined) limits.at('timeout_seconds').to(`${where}.deadline`);
  if (usd !== undefined) limits.at('max_cost_usd').to(`${where}.budget.usd`);
  return {
    kind: 'agent',
    with: {
      ...copied(agent, ['model', 'system', 'system_prompt', 'temperature', 'max_tokens'], `${where}.with`),
      ...(prompt === undefined ? {} : { prompt }),
      ...toolsOf(agent.at('tools'), `${where}.with.tools`),
      ...copied(limits, ['max_iterations'], `${where}.with`),
    },
    save: { result: 'output' },
    ...(deadline === undefined ? {} : { deadline }),
    ...(usd === undefined ? {} : { budget: { usd: moneyOf(usd) } }),
  };
}

/** `{{ task }}` in a goal is a key of the input, which is the first state. */
function goalOf(goal: Part): string | undefined {
  const text = goal.text();
  if (text === undefined) return undefined;
  const reading = readTemplate(text, { hasBareNames: true, declared: undefined });
  if (!reading.ok) goal.refuse('IMPORT_TEMPLATE', { problem: reading.problem });
  else if (reading.environment.length > 0)
    goal.refuse('IMPORT_TEMPLATE', {
      problem: `\${${reading.environment[0] ?? ''}}: templates know no environment`,
    });
  return reading.ok ? reading.text : text;
}

function toolsOf(tools: Part, where: string): Fields {
  const list = tools.items().map((tool) => {
    if (tool.isRecord)
      return copied(
        tool,
        ['name', 'description', 'input_schema', 'output_schema', 'kind', 'reference'],
        where,
      );
    tool.to(where);
    return tool.value ?? null;
  });
  return list.length === 0 ? {} : { tools: list };
}
