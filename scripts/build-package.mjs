/** Builds packages/pawl/dist: plain JavaScript with declarations, laid out as it is published. */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const home = join(root, 'packages/pawl');
const dist = join(home, 'dist');

function compile() {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const done = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (done.status !== 0) process.exit(1);
}

function filesBelow(folder, test) {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => test.test(name)).map((name) => join(folder, name));
}

/** The compiler rewrites `./a.ts` to `./a.js` in code and leaves it in declarations; the same length keeps their lines. */
function rewriteDeclarations() {
  const relativeImport = /((?:from|import)\s*\(?\s*['"]\.{1,2}\/[^'"]+)\.ts(?=['"])/g;
  for (const file of filesBelow(dist, /\.d\.ts$/)) {
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(relativeImport, '$1.js'));
  }
}

/** Whatever the sources read beside their code (SQL, JSON, pages) travels with them. */
function copyData() {
  const src = join(home, 'src');
  for (const file of filesBelow(src, /\.(?!ts$|md$)\w+$/)) {
    const target = join(dist, file.slice(src.length + 1));
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(file, target);
  }
}

/** `./src/a.ts` becomes the two files that it was built into; what is no code stays what it is. */
function published(target) {
  const built = target.replace(/^\.\/src\//, './');
  if (!built.endsWith('.ts')) return built;
  const stem = built.replace(/\.ts$/, '');
  return { types: `${stem}.d.ts`, default: `${stem}.js` };
}

function writeManifest() {
  const { scripts: _scripts, devDependencies: _dev, private: _private, ...manifest } = readManifest(home);
  manifest.exports = Object.fromEntries(
    Object.entries(manifest.exports).map(([door, path]) => [door, published(path)]),
  );
  manifest.types = './index.d.ts';
  manifest.sideEffects = false;
  writeFileSync(join(dist, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

function readManifest(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

function copyDocuments() {
  cpSync(join(home, 'bin'), join(dist, 'bin'), { recursive: true });
  copyFileSync(join(root, 'LICENSE'), join(dist, 'LICENSE'));
  const readme = [join(home, 'README.md'), join(root, 'README.md')].find((file) => existsSync(file));
  if (readme !== undefined) copyFileSync(readme, join(dist, 'README.md'));
}

rmSync(dist, { recursive: true, force: true });
compile();
rewriteDeclarations();
copyData();
writeManifest();
copyDocuments();

const { name, version } = readManifest(dist);
const place = relative(process.cwd(), dist);
console.log(`built ${name} ${version} in ${place}; \`npm pack ./${place}\` makes the file that npm installs`);
