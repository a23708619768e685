/** A command as a value: how it is called, what it says of itself, and what it does. */
import { pawlError } from '../errors/index.ts';
import type { Session } from './session.ts';

export interface ArgumentSpec {
  /** `name`, `[name]` where it may be left out, `name...` where there may be several. */
  readonly syntax: string;
  readonly about: string;
}

export interface OptionSpec {
  /** `--limit <n>`; without a value it is a switch. */
  readonly flags: string;
  readonly about: string;
  /** May be given several times. */
  readonly isRepeatable?: boolean;
  /** Not in the help: the command uses it on itself. */
  readonly isHidden?: boolean;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly arguments?: readonly ArgumentSpec[];
  readonly options?: readonly OptionSpec[];
  /** Shown below the help. */
  readonly examples?: readonly string[];
  /** Does the work and gives the exit code. */
  run(session: Session, call: Call): Promise<number>;
}

/** What was typed. */
export interface Call {
  /** One entry an argument; undefined where it was left out, a list where there may be several. */
  readonly args: readonly (string | readonly string[] | undefined)[];
  readonly options: Readonly<Record<string, unknown>>;
}

/** The argument at this place, which the parser has made sure of. */
export function argumentAt(call: Call, index: number): string {
  const value = call.args[index];
  if (typeof value === 'string') return value;
  throw pawlError('ARGUMENT_INVALID', { argument: `argument ${index + 1}`, problem: 'it is missing' });
}

export function optionalArgument(call: Call, index: number): string | undefined {
  const value = call.args[index];
  return typeof value === 'string' ? value : undefined;
}

export function argumentList(call: Call, index: number): readonly string[] {
  const value = call.args[index];
  return typeof value === 'object' ? value : [];
}

/** An option by the name that people type: `max-steps` is `maxSteps` to the parser. */
function optionNamed({ options }: Call, name: string): unknown {
  return options[name.replaceAll(/-(\w)/g, (_all, letter: string) => letter.toUpperCase())];
}

/** The value of an option; an empty one is an error, never a default. */
export function textOption(call: Call, name: string): string | undefined {
  const value = optionNamed(call, name);
  if (typeof value !== 'string') return undefined;
  if (value.trim() === '')
    throw pawlError('ARGUMENT_INVALID', { argument: `--${name}`, problem: 'it is empty' });
  return value;
}

export function switchOption(call: Call, name: string): boolean {
  return optionNamed(call, name) === true;
}

export function listOption(call: Call, name: string): readonly string[] {
  const value = optionNamed(call, name);
  return Array.isArray(value) ? value.filter((part): part is string => typeof part === 'string') : [];
}
