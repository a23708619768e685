/** The parser of the command line: turns commands, which are values, into commander's. */
import { DEFAULT_TENANT } from '../run/index.ts';
import { Command as Parser, Option } from 'commander';
import type { Command, OptionSpec } from './command.ts';
import { DEFAULT_STORE } from './defaults.ts';
import { typedFor } from './typed-command.ts';

export interface Parsed {
  readonly command: Command;
  readonly args: readonly (string | readonly string[] | undefined)[];
  readonly options: Readonly<Record<string, unknown>>;
}

export interface ProgramOptions {
  readonly version: string;
  readonly commands: readonly Command[];
  /** Takes the text of help and version. */
  readonly print: (text: string) => void;
}

/**
 * What the arguments say; undefined where they only asked for help or the version, which were printed.
 * @throws `CommanderError` for anything that no command understands
 */
export async function parseArguments(
  argv: readonly string[],
  options: ProgramOptions,
): Promise<Parsed | undefined> {
  let parsed: Parsed | undefined;
  const program = programOf(options);
  for (const command of options.commands) {
    const parser = parserOf(program, command);
    parser.action((...received: unknown[]) => {
      const args = received.slice(0, command.arguments?.length ?? 0) as Parsed['args'];
      parsed = { command, args, options: parser.optsWithGlobals() };
    });
  }
  await program.parseAsync([...argv], { from: 'user' });
  return parsed;
}

function programOf({ version, print }: ProgramOptions): Parser {
  return new Parser('pawl')
    .description(
      'Durable workflows: every step is recorded once, and a run survives the process that drives it.',
    )
    .version(version, '-V, --version', 'print the version')
    .option(
      '--store <url>',
      `the database, sqlite:PATH or postgres://…; default PAWL_STORE, else ${DEFAULT_STORE}`,
    )
    .option('--tenant <name>', `whose runs; default PAWL_TENANT, else ${DEFAULT_TENANT}`)
    .option('--json', 'print JSON only, for programs')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: print, writeErr: () => undefined, outputError: () => undefined })
    .addHelpText(
      'after',
      '\nExit codes: 0 ok, 1 the run failed or two runs differ, 2 usage, 3 environment, 4 the run waits or is parked and nobody here can answer',
    )
    .exitOverride();
}

function parserOf(program: Parser, command: Command): Parser {
  const parser = program
    .command(command.name)
    .description(command.summary)
    .helpOption('-h, --help', 'print this help');
  for (const { syntax, about } of command.arguments ?? []) parser.argument(bracketed(syntax), about);
  for (const spec of command.options ?? []) parser.addOption(optionOf(spec));
  const typed = typedFor({ store: DEFAULT_STORE, isStoreNamed: false, tenant: DEFAULT_TENANT });
  const examples = command.examples ?? [];
  if (examples.length > 0)
    parser.addHelpText(
      'after',
      `\nExamples:\n${examples.map((example) => `  ${typed(example)}`).join('\n')}`,
    );
  return parser;
}

function bracketed(syntax: string): string {
  return syntax.startsWith('[') ? syntax : `<${syntax}>`;
}

function optionOf(spec: OptionSpec): Option {
  const option = new Option(spec.flags, spec.about);
  if (spec.isRepeatable)
    option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]);
  return spec.isHidden ? option.hideHelp() : option;
}
