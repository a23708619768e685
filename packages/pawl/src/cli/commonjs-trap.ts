/** An ES module that Node takes for CommonJS: which file, why, and what cures it. `npm init -y` of npm 11 sets this trap. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type PawlError, pawlError } from '../errors/index.ts';

const ESM_IN_COMMONJS =
  /import statement outside a module|Unexpected token 'export'|'import\.meta' outside a module|top level bodies of modules/;

/** The error to show instead, where this is what the import of a file died of. `path` is the file that was imported. */
export function commonJsTrap(error: unknown, path: string): PawlError | undefined {
  if (!(error instanceof SyntaxError) || !ESM_IN_COMMONJS.test(error.message)) return undefined;
  const culprit = fileInStack(error) ?? path;
  const file = relative(process.cwd(), culprit);
  const renamed = file.replace(/\.c?([jt]s)$/, '.m$1');
  const params = { file, renamed };
  if (/\.c[jt]s$/.test(file))
    return pawlError(
      'FILE_NOT_A_MODULE',
      {
        ...params,
        reason: 'its name ends as that of a CommonJS file',
        cure: 'Write `require` for `import`',
      },
      { cause: error },
    );
  const manifest = nearestManifest(culprit);
  if (manifest === undefined || !isCommonJs(manifest)) return undefined;
  const named = relative(process.cwd(), manifest);
  return pawlError(
    'FILE_NOT_A_MODULE',
    {
      ...params,
      reason: `${named} says "type": "commonjs"`,
      cure: `Write "type": "module" into ${named}`,
    },
    { cause: error },
  );
}

/** Node puts the file and the line in front of the stack of a syntax error. */
function fileInStack(error: SyntaxError): string | undefined {
  const [, place] = /^(\S.*):\d+\n/.exec(error.stack ?? '') ?? [];
  if (place === undefined) return undefined;
  const file = place.startsWith('file:') ? fileURLToPath(place) : place;
  return existsSync(file) ? file : undefined;
}

function nearestManifest(file: string): string | undefined {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest)) return manifest;
    if (dirname(folder) === folder) return undefined;
  }
}

function isCommonJs(manifest: string): boolean {
  return /"type"\s*:\s*"commonjs"/.test(readFileSync(manifest, 'utf8'));
}
