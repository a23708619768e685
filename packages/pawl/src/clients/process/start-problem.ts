/** Why a process could not be started, in words that name the program or the folder. */
import { statSync } from 'node:fs';

export interface NotStarted {
  readonly kind: 'not_started';
  readonly problem: string;
  /** The machine was short of something for the moment: another try may succeed. */
  readonly isTransient: boolean;
}

interface Attempted {
  readonly file: string;
  readonly cwd?: string | undefined;
}

const SHORTAGES = ['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM', 'ETXTBSY'];

export function notStartedBy(error: unknown, attempted: Attempted): NotStarted {
  const { code, message } = error as NodeJS.ErrnoException;
  const problem = folderProblem(attempted.cwd) ?? programProblem(code, attempted.file) ?? message;
  return { kind: 'not_started', problem, isTransient: SHORTAGES.includes(code ?? '') };
}

/** A missing working folder is reported by the system as if the program were missing. */
function folderProblem(cwd: string | undefined): string | undefined {
  if (cwd === undefined) return undefined;
  try {
    return statSync(cwd).isDirectory() ? undefined : `the working folder "${cwd}" is not a folder`;
  } catch (error) {
    return `the working folder "${cwd}" cannot be used (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`;
  }
}

function programProblem(code: string | undefined, file: string): string | undefined {
  switch (code) {
    case 'ENOENT':
      return `the program "${file}" was not found`;
    case 'EACCES':
      return `the program "${file}" may not be executed, or its folder may not be entered`;
    case 'ENOEXEC':
      return `"${file}" is not a program`;
    case 'E2BIG':
      return 'the arguments and the environment together are too long for the system';
    default:
      return undefined;
  }
}
