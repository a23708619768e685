/** Nodes that do something: models, tools, functions, requests, agents. */
import type { Json } from '../../std/index.ts';
import { type Fields, type Part } from '../part.ts';
import type { Built, JamNode } from './node.ts';
import { copied, remoteAgentOf, serverOf, toolOf } from './resources.ts';
import { moneyOf } from './policies.ts';
import { outputSchemaOf, savedWhole, saveOf } from './saving.ts';

const LATER = { isLater: true } as const;
const INPUTS = ['input_mapping', 'input', 'arguments'] as const;

/** What the step gets: what the mapping gives, and keys of the state by other names. */
export function inputOf(node: JamNode, isLater: boolean, target = 'with.input'): Fields {
  const mapping = node.find(...INPUTS);
  const given = node.value(mapping, target, { isLater, isMapping: true });
  const taken = node.find('input_from_state');
  const keys = taken.entries().flatMap(([name, key]): [string, Json][] => {
    const text = key.text();
    if (text === undefined) return [];
    key.to(node.target(target), 'null where the state has no such key');
    return [[name, node.stateTemplate(text)]];
  });
  if (keys.length > 0) return { input: { ...(given as Fields | undefined), ...Object.fromEntries(keys) } };
  return given === undefined || Object.keys(given as object).length === 0 ? {} : { input: given };
}

/** A field under another name, its templates converted; nothing where it is missing. */
function moved(node: JamNode, part: Part, field: string): Fields {
  const value = node.value(part, `with.${field}`, LATER);
  return value === undefined || value === '' ? {} : { [field]: value };
}

export function modelKind(node: JamNode): Built {
  const schema = outputSchemaOf(node);
  const { outputSchema } = schema;
  const isStructured = node.find('structured_output').value === true || outputSchema !== undefined;
  if (node.find('structured_output').isThere)
    node.find('structured_output').nearly(node.target('save'), 'its fields are saved one by one');
  return {
    step: {
      kind: 'model',
      with: {
        ...modelOf(node),
        ...promptOf(node),
        ...moved(node, node.find('system_prompt', 'system'), 'system'),
        ...moved(node, node.find('temperature'), 'temperature'),
        ...moved(node, node.find('max_tokens'), 'maxTokens'),
        ...toolsOf(node),
        ...inputOf(node, true),
        ...(outputSchema === undefined ? {} : { output: outputSchema }),
      },
      ...(schema.metadata === undefined ? {} : { metadata: schema.metadata }),
      ...saveOf(node, { otherwise: 'named', isText: !isStructured }),
    },
  };
}

/** The model by name; where the file defines the name, what it stands for. */
function modelOf(node: JamNode): Fields {
  const part = node.find('model_ref', 'model');
  const name = part.text();
  if (name === undefined) return {};
  const where = node.target('with');
  part.to(`${where}.model`);
  const entry = node.setting.resources.take('models', name);
  if (entry === undefined) return { model: name };
  const [provider, model = name] = ['provider', 'model'].map((field) => entry.at(field).text());
  for (const field of ['provider', 'model'])
    if (entry.at(field).isThere) entry.at(field).to(`${where}.model`);
  const limits = ['temperature', 'max_tokens'];
  for (const field of limits)
    if (node.find(field).isThere && !entry.at(field).isReported)
      entry.at(field).without('the node has its own');
  const inherited = limits.filter((field) => !node.find(field).isThere);
  return {
    model: provider === undefined ? model : `${provider}/${model}`,
    ...copied(entry, inherited, where),
  };
}

const PROMPT_FILE = /^[\w./-]+\.(?:md|txt|j2|jinja2?|prompt|ya?ml)$/;

/** A prompt is a text, or the name of a file that holds it. */
function promptOf(node: JamNode): Fields {
  const part = node.find('prompt_ref', 'prompt', 'prompt_template');
  const { value } = part;
  if (typeof value === 'string' && PROMPT_FILE.test(value)) {
    part.nearly(node.target('with.promptFile'), 'the file is not read: its text belongs into `prompt`');
    return { promptFile: value };
  }
  const prompt = node.text(part, 'with.prompt', LATER);
  return prompt === undefined ? {} : { prompt };
}

function toolsOf(node: JamNode): Fields {
  const part = node.find('tools');
  if (!part.isThere) return {};
  const where = node.target('with.tools');
  const tools = part.items().map((item): Json => {
    const entry =
      typeof item.value === 'string' ? node.setting.resources.take('tools', item.value) : undefined;
    if (item.isRecord) return copied(item, ['name', 'description', 'input_schema', 'output_schema'], where);
    item.to(where);
    return entry ? { name: item.value as Json, ...toolOf(entry, where) } : (item.value as Json);
  });
  return tools.length === 0 ? {} : { tools };
}

export function toolKind(node: JamNode): Built {
  if (node.find('server', 'server_url').isThere) return mcpKind(node);
  if (node.find('fn').isThere) return functionStep(node, node.find('fn'));
  const part = node.find('tool_ref', 'tool');
  const name = part.text() ?? node.id;
  if (!part.isThere)
    node.setting.report.note('a tool without a name is that of its node', node.target('with.tool'));
  const entry = node.setting.resources.take('tools', name);
  if (!entry && name.includes(':')) return functionStep(node, part);
  part.to(node.target('with.tool'));
  return {
    step: {
      kind: 'tool',
      with: {
        tool: name,
        ...(entry ? { definition: toolOf(entry, node.target('with.definition')) } : {}),
        ...inputOf(node, true),
      },
      ...outputSchemaOf(node),
      ...saveOf(node, { otherwise: 'whole' }),
    },
  };
}

/** `module:function` is user code by name. */
function functionStep(node: JamNode, part: Part): Built {
  const name = (part.text() ?? node.id).replace(':', '.');
  part.to(node.target('with.function'), 'user code, registered under this name');
  return {
    step: {
      kind: 'function',
      with: { function: name, ...inputOf(node, false) },
      ...outputSchemaOf(node),
      ...saveOf(node, { otherwise: 'whole' }),
    },
  };
}

function wholeState(node: JamNode): Fields {
  node.setting.report.follows('it gets the state as a whole, as there', node.target('with.input'));
  return { input: '{{ state }}' };
}

/** Functions get the state as a whole, and what they return is merged into it. */
export function codeKind(node: JamNode): Built {
  const owner = node.find('module', 'class_name');
  const member = node.find('function', 'method');
  const name = [owner.text(), member.text()].filter((part) => part !== undefined).join('.');
  if (name === '') node.part.refuse('IMPORT_SHAPE', { problem: 'names no function' });
  for (const part of [owner, member]) if (part.isThere) part.to(node.target('with.function'));
  const given = inputOf(node, false);
  return {
    step: {
      kind: 'function',
      with: { function: name, ...(given.input === undefined ? wholeState(node) : given) },
      ...outputSchemaOf(node),
      ...savedWhole(node),
    },
  };
}

export function mcpKind(node: JamNode): Built {
  const server = node.find('server');
  const tool = node.find('tool');
  const name = server.text();
  const url = node.find('server_url');
  const entry = name === undefined ? undefined : node.setting.resources.take('servers', name);
  const where = node.target('with.server');
  if (server.isThere) server.to(where);
  if (tool.isThere) tool.to(node.target('with.tool'));
  const address = url.isThere ? { url: node.value(url, 'with.server.url', LATER) as Json } : {};
  return {
    step: {
      kind: 'mcp',
      with: {
        server: {
          ...(name === undefined ? {} : { name }),
          ...address,
          ...(entry ? serverOf(entry, where) : {}),
        },
        tool: tool.text() ?? node.id,
        ...inputOf(node, true),
      },
      ...outputSchemaOf(node),
      ...saveOf(node, { otherwise: 'whole' }),
    },
  };
}

export function a2aKind(node: JamNode): Built {
  const agent = node.find('remote_agent');
  const name = agent.text();
  const url = node.find('agent_url');
  const entry = name === undefined ? undefined : node.setting.resources.take('agents', name);
  const where = node.target('with.agent');
  if (agent.isThere) agent.to(where);
  node
    .find('on_input_required')
    .without('a task that asks back has no edge here: it waits for its answer as a step of its own');
  const address = url.isThere ? { url: node.value(url, 'with.agent.url', LATER) as Json } : {};
  return {
    step: {
      kind: 'a2a',
      with: {
        agent: {
          ...(name === undefined ? {} : { name }),
          ...address,
          ...(entry ? remoteAgentOf(entry, where) : {}),
        },
        ...moved(node, node.find('skill'), 'skill'),
        ...moved(node, node.find('stream'), 'stream'),
        ...inputOf(node, true),
      },
      ...outputSchemaOf(node),
      ...saveOf(node, { otherwise: 'whole' }),
    },
  };
}

export function agentKind(node: JamNode): Built {
  const part = node.find('agent_ref');
  const name = part.text() ?? node.id;
  if (part.isThere) part.to(node.target('with.agent'));
  const entry = node.setting.resources.take('definitions', name);
  const where = node.target('with.definition');
  const definition = entry
    ? copied(
        entry,
        ['model', 'system_prompt', 'output_schema', 'autonomy', 'constraints', 'mcp', 'a2a'],
        where,
      )
    : undefined;
  return {
    step: {
      kind: 'agent',
      with: {
        agent: name,
        ...(definition === undefined ? {} : { definition }),
        ...modelOf(node),
        ...promptOf(node),
        ...moved(node, node.find('system_prompt', 'system'), 'system'),
        ...toolsOf(node),
        ...inputOf(node, true),
      },
      ...outputSchemaOf(node),
      ...saveOf(node, { otherwise: 'whole' }),
    },
  };
}

/** A connector is code that somebody registers under its name. */
export function retrievalKind(node: JamNode): Built {
  const connector = node.find('connector_ref');
  const name = connector.text() ?? node.id;
  connector.nearly(node.target('with.function'), `the connector "${name}" is a function of that name here`);
  const query = node.value(node.find('query_expr'), 'with.input.query', { isMapping: true });
  return {
    step: {
      kind: 'function',
      with: { function: name, ...(query === undefined ? {} : { input: { query } }) },
      ...outputSchemaOf(node),
      ...saveOf(node, { otherwise: 'whole' }),
    },
  };
}

export function httpKind(node: JamNode): Built {
  const body = node.find('body');
  const field = typeof body.value === 'string' ? 'body' : 'json';
  const content = node.value(body, `with.${field}`);
  const fields = ['url', 'method', 'headers', 'query'].flatMap((name): [string, Json][] => {
    const value = node.value(node.find(name), `with.${name}`);
    return value === undefined ? [] : [[name, value]];
  });
  return {
    step: {
      kind: 'http',
      with: { ...Object.fromEntries(fields), ...(content === undefined ? {} : { [field]: content }) },
      ...outputSchemaOf(node),
      ...saveOf(node, { otherwise: 'named' }),
    },
  };
}

/** What looks for an agent: a coordinator with one skill. */
export function discoveryKind(node: JamNode): Built {
  const skill = node.find('skill');
  skill.nearly(node.target('with.requiredSkills'), 'an agent is looked for by a coordinator');
  const url = node.find('agent_url');
  return {
    step: {
      kind: 'coordinator',
      with: {
        ...(skill.isThere ? { requiredSkills: [skill.text() ?? ''] } : {}),
        ...(url.isThere ? { agent: { url: node.value(url, 'with.agent.url', LATER) as Json } } : {}),
        ...moved(node, node.find('protocol'), 'protocol'),
      },
      ...saveOf(node, { otherwise: 'named' }),
    },
  };
}

export function coordinatorKind(node: JamNode): Built {
  const fields: Fields = {};
  const names = {
    task: 'task',
    required_skills: 'requiredSkills',
    preferred_skills: 'preferredSkills',
    trust_domain: 'trustDomain',
    strategy: 'strategy',
    weights: 'weights',
  };
  for (const [name, field] of Object.entries(names))
    Object.assign(fields, moved(node, node.find(name), field));
  const tiebreaker = node.find('tiebreaker');
  const rules = copied(tiebreaker, ['model', 'threshold', 'max_candidates'], node.target('with.tiebreaker'));
  const budget = node.find('budget');
  const limit = copied(budget, ['max_latency_ms'], node.target('with'));
  return {
    step: {
      kind: 'coordinator',
      with: {
        ...fields,
        ...limit,
        ...(tiebreaker.isThere ? { tiebreaker: rules } : {}),
        ...inputOf(node, true),
      },
      ...spending(node, budget),
      ...saveOf(node, { otherwise: 'named' }),
    },
  };
}

/** `{ max_cost_usd, max_tokens }` as the budget of a step. */
function spending(node: JamNode, budget: Part): Fields {
  const usd = budget.at('max_cost_usd').number();
  const tokens = budget.at('max_tokens').number();
  if (usd !== undefined) budget.at('max_cost_usd').to(node.target('budget.usd'));
  if (tokens !== undefined) budget.at('max_tokens').to(node.target('budget.totalTokens'));
  const fields = {
    ...(usd === undefined ? {} : { usd: moneyOf(usd) }),
    ...(tokens === undefined ? {} : { totalTokens: tokens }),
  };
  return Object.keys(fields).length === 0 ? {} : { budget: fields };
}

export function agentToolKind(node: JamNode): Built {
  const agent = node.find('agent');
  const mode = node.find('mode');
  const timeout = node.find('timeout_ms').duration('ms');
  if (timeout !== undefined) node.find('timeout_ms').to(node.target('timeout'));
  return {
    step: {
      kind: 'agent_tool',
      with: { ...targetOf(node, agent), ...modeOf(node, mode), ...inputOf(node, true) },
      ...(timeout === undefined ? {} : { timeout }),
      ...spending(node, node.find('budget')),
      ...saveOf(node, { otherwise: 'named' }),
    },
  };
}

/** `auto`, a name, or `{ explicit: uri }`. */
function targetOf(node: JamNode, agent: Part): Fields {
  const explicit = agent.at('explicit');
  const part = explicit.isThere ? explicit : agent;
  const name = part.text();
  if (name === undefined) return {};
  part.to(node.target('with.agent'));
  return { agent: name };
}

/** `sync`, `streaming`, or `{ conversational: { max_turns, max_tokens_per_turn } }`. */
function modeOf(node: JamNode, mode: Part): Fields {
  const where = node.target('with');
  const talk = mode.at('conversational');
  if (talk.isThere)
    return { mode: 'conversational', ...copied(talk, ['max_turns', 'max_tokens_per_turn'], where) };
  const name = mode.text();
  if (name === undefined) return {};
  mode.to(`${where}.mode`);
  return { mode: name };
}
