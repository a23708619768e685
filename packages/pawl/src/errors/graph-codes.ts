/** The error codes of graphs: what is wrong with a definition. Part of the catalogue. */
import type { Entry } from './entry.ts';

export const graphCodes = {
  GRAPH_INVALID: {
    family: 'usage',
    message: 'The graph{name} is refused:{problems}',
    todo: 'Correct what is listed: all of it was found at once, and nothing was registered.',
  },
  GRAPH_UNSERVED: {
    family: 'usage',
    message: 'The graph "{name}" cannot be run here: {problems}.',
    todo: 'Give what is missing: `--with FILE` of a command, `pawl.open({ kinds: [...], functions: { … } })` in a program; or leave the graph to another worker.',
  },
  DOCUMENT_INVALID: {
    family: 'usage',
    message: '{where}: {problem}.',
    todo: 'Correct the form of the document; nothing was registered.',
  },
  FIELD_UNKNOWN: {
    family: 'usage',
    message: '{where}: there is no field "{field}" here{hint}.',
    todo: 'Correct its name or remove it: the format is strict, so that nothing is ignored.',
  },
  FIELD_INVALID: {
    family: 'usage',
    message: '{where}: {problem}.',
    todo: 'Correct the field; docs/graphs.md has the format.',
  },
  WITH_FIELD_MISSING: {
    family: 'usage',
    message: '{where}: the kind "{kind}" needs the field "{field}".',
    todo: 'Add the field to `with`.',
  },
  STEP_KIND_UNKNOWN: {
    family: 'usage',
    message: '{where}: there is no kind "{kind}"{hint}.',
    todo: 'Correct the kind, or register your own.',
  },
  STEP_UNKNOWN: {
    family: 'usage',
    message: '{where}: there is no step "{name}"{hint}.',
    todo: 'Correct the name, or add the step.',
  },
  STATE_KEY_UNKNOWN: {
    family: 'usage',
    message: '{where}: the state has no key "{key}"{hint}.',
    todo: 'Declare the key in `state`, or correct its name.',
  },
  EXPRESSION_INVALID: {
    family: 'usage',
    message: '{where}: at character {position} of {expression}: {problem}.',
    todo: 'Correct the expression (CEL over input, state, steps, output and run).',
  },
  EDGE_INVALID: {
    family: 'usage',
    message: '{where}: {problem}.',
    todo: 'Correct the edge.',
  },
  LABEL_UNKNOWN: {
    family: 'usage',
    message: '{where}: "{step}" ({kind}) never ends as "{label}"{hint}.',
    todo: 'Use one of: {known}.',
  },
  START_INVALID: {
    family: 'usage',
    message: '{where}: "{name}" cannot begin: {problem}.',
    todo: 'Name steps that no edge leads to.',
  },
  STEP_UNREACHABLE: {
    family: 'usage',
    message: '{where}: nothing ever leads to "{step}".',
    todo: 'Add an edge to it, name it in `start`, or remove it.',
  },
  GRAPH_CYCLE: {
    family: 'usage',
    message: '{where}: a circle without a loop edge: {circle}.',
    todo: 'Mark the edge that leads back with `loop: { max: … }`.',
  },
  LOOP_FORWARD: {
    family: 'usage',
    message: '{where}: the loop edge leads from "{from}" to "{to}", and "{to}" does not lead to "{from}".',
    todo: 'Remove `loop` from an edge that leads forward.',
  },
  LOOP_ENTRY: {
    family: 'usage',
    message: '{where}: "{step}" is part of the loop of "{target}", and is reached from {from} without it.',
    todo: 'Let what leads into a loop lead to its first step alone.',
  },
  JOIN_IMPOSSIBLE: {
    family: 'usage',
    message: '{where}: the join of "{step}" asks for {count} edges, and at most {possible} can be taken.',
    todo: 'Lower the count, or add edges.',
  },
  APPROVAL_IMPOSSIBLE: {
    family: 'usage',
    message: '{where}: nobody may decide.',
    todo: 'Name approvers, or leave the list out so that anybody may decide.',
  },
  LABEL_UNHANDLED: {
    family: 'usage',
    message: '{where}: where "{step}" ends as "{label}", the run fails, for no edge names that.',
    todo: 'Add an edge with `on: {label}`, or leave it where a failed run is meant.',
  },
  COMMAND_TEMPLATE: {
    family: 'usage',
    message:
      '{where}: /bin/sh reads what {template} gives, and runs a command that stands in it: hand the value over by `env` or `argv`.',
    todo: 'Put it into `env`, and "$NAME" into the command; or use `argv` or `stdin`: no shell reads those.',
  },
  EDGE_TWICE: {
    family: 'usage',
    message: '{where}: a second edge from "{from}" to "{to}" says the same.',
    todo: 'Remove one of them; a join counts edges, and would count both.',
  },
  SAVE_READS_ITSELF: {
    family: 'usage',
    message: '{where}: "{step}" has not ended when it saves, and so nothing is known of it as a step yet.',
    todo: 'Write `output`, which is its own.',
  },

  // Runs of graphs
  EXPRESSION_FAILED: {
    family: 'failure',
    message: '{where}: {problem}.',
    todo: 'Ask with `has()` for what may be missing, or correct the expression.',
  },
  WITH_INVALID: {
    family: 'failure',
    message: '{where}: {problem}.',
    todo: 'Correct what `with` gives.',
  },
  OUTPUT_MISFIT: {
    family: 'failure',
    message: '{where} does not fit its schema: {problem}.',
    todo: 'Correct the output, or its schema.',
  },
  STATE_MISFIT: {
    family: 'failure',
    message: 'What {where} saves does not fit the state: {problem}.',
    todo: 'Correct what `save` gives, or the schema of the key; nothing of it was saved.',
  },
  OUTCOME_UNHANDLED: {
    family: 'failure',
    message: '{where} ended as "{label}", and no edge names that.',
    todo: 'Mend what failed; or add an edge with `on: {label}`.',
  },
  NO_BRANCH: {
    family: 'failure',
    message: '{where}: {problem}.',
    todo: 'Add an edge with `else: true`, or a default.',
  },
  JOIN_UNMET: {
    family: 'failure',
    message: '{where} waits for {count} edges, {taken} were taken and no more can come.',
    todo: 'Lower the count of the join, or add an edge with `on: failed`.',
  },
  NOTHING_REACHED: {
    family: 'failure',
    message: 'No path ended with a good outcome.',
    todo: 'Route what may fail to a step that goes on.',
  },
  FINALIZE_FAILED: {
    family: 'failure',
    message: 'Everything was done, and then the step "{where}" that cleans up failed.',
    todo: 'Look at its failure, and clean up by hand.',
  },
  STEP_LIMIT: {
    family: 'failure',
    message: 'The run has started more than {limit} steps.',
    todo: 'See whether it goes in circles; else let it go on: `pawl resume RUN --max-steps N`.',
  },
  GRAPH_DEADLOCKED: {
    family: 'defect',
    message: 'Nothing can move, and not every step has settled.',
    todo: 'Please report the graph.',
  },
} as const satisfies Record<string, Entry>;
