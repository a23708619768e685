/** The files of the house, as the rules see them. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const rootFolder = fileURLToPath(new URL('../../', import.meta.url));

export interface HouseFile {
  /** From the root of the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

const SKIPPED = new Set(['.git', 'node_modules', 'dist', 'coverage', 'bench', '.pawl']);
const TEXT = /\.(?:ts|js|mjs|json|md|ya?ml|toml|txt|sql|html|css|svg)$|(?:^|\/)(?:\.[\w.]+|LICENSE|run)$/;

/** Every text file at or below a folder of the repository. */
export function filesBelow(folder: string): HouseFile[] {
  const found: HouseFile[] = [];
  for (const entry of readdirSync(join(rootFolder, folder), { withFileTypes: true })) {
    if (SKIPPED.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...filesBelow(path));
    else if (TEXT.test(path)) found.push(fileAt(path));
  }
  return found;
}

export function fileAt(path: string): HouseFile {
  const full = join(rootFolder, path);
  return { path: relative(rootFolder, full).split(sep).join('/'), text: readFileSync(full, 'utf8') };
}

export function exists(path: string): boolean {
  return statSync(join(rootFolder, path), { throwIfNoEntry: false }) !== undefined;
}
