/** `pawl validate`: reads graphs and says everything that is wrong with them, as a compiler does. */
import { type Problem, type Validation, validateText } from '../../graph/index.ts';
import { pawlError } from '../../errors/index.ts';
import { argumentList, type Command, listOption } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { readSource } from '../json-source.ts';
import { printJson, type Session } from '../session.ts';
import { counted } from '../view/counted.ts';
import { loadBeside, WITH_OPTION } from '../with-files.ts';
import { isGraphFile } from '../workflow-file.ts';
import { problemLine, SEVERITY_WORDS } from '../view/problem-line.ts';

const CODE = /\.[cm]?[jt]sx?$/;

export const validateCommand: Command = {
  name: 'validate',
  summary: 'say everything that is wrong with a graph',
  arguments: [{ syntax: 'files...', about: 'graphs as YAML or JSON; - is standard input' }],
  options: [WITH_OPTION],
  examples: ['pawl validate flows/review.yaml', 'pawl validate flows/pay.yaml --with kinds.ts'],
  run: async (session, call) => {
    const { kinds, functions } = await loadBeside(call);
    const hasModules = listOption(call, 'with').some((file) => !isGraphFile(file));
    const known = hasModules ? { functions: Object.keys(functions) } : {};
    let isValid = true;
    for (const file of argumentList(call, 0)) {
      if (CODE.test(file))
        throw pawlError('ARGUMENT_INVALID', {
          argument: file,
          problem:
            'it is code, and graphs are read from YAML or JSON; `run` judges what it exports before anything fires',
        });
      const validation = validateText(await readSource(file), { kinds, ...known });
      isValid &&= isRegistrable(validation);
      report(session, file, validation);
    }
    return isValid ? EXIT.ok : EXIT.usage;
  },
};

/** What this version would not enforce is refused at registration, and so here. */
function isRegistrable({ problems }: Validation): boolean {
  return problems.every(({ severity }) => severity === 'warning');
}

function report(session: Session, file: string, validation: Validation): void {
  const { graph, problems, count } = validation;
  if (session.isJson) {
    const about = graph && { workflow: graph.name, version: graph.version, digest: graph.digest };
    printJson(session, { file, valid: isRegistrable(validation), ...about, problems, count });
    return;
  }
  const lines = problems.map((problem) => placed(file, problem));
  session.screen.lines(...lines, summaryLine(file, validation));
}

/** As editors find it: `FILE:LINE:COLUMN: …`. */
function placed(file: string, problem: Problem): string {
  return `${file}:${problem.line === undefined ? ' ' : ''}${problemLine(problem)}`;
}

function summaryLine(file: string, { graph, problems, count }: Validation): string {
  const found = (['error', 'unsupported', 'warning'] as const).flatMap((severity) => {
    const number = problems.filter((problem) => problem.severity === severity).length;
    return number === 0 ? [] : [counted(number, SEVERITY_WORDS[severity])];
  });
  const rest = count > problems.length ? `, ${count - problems.length} more not listed` : '';
  const about = graph
    ? `${graph.name}@${graph.version}, ${counted(graph.steps.length, 'step')}, ${counted(graph.loops.length, 'loop')}`
    : 'no graph';
  return `${file}: ${[about, ...found].join(', ')}${rest}`;
}
