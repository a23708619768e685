#!/usr/bin/env node
/** The command `pawl`: finds a Node that is new enough, then hands over to the command line. */
// This file alone must parse on every Node that knows modules (12.17), so that an old one gets an answer
// instead of a syntax error: no `??`, no `?.`, no `node:` names, no top-level await.
import { spawn, spawnSync } from 'child_process';
import { existsSync, readFileSync } from 'fs';
import module from 'module';
import { constants } from 'os';
import { dirname, join } from 'path';
import { fileURLToPath } from 'url';

const NEEDED = [22, 18];
const ENVIRONMENT_ERROR = 3;
const CODE = 'NODE_TOO_OLD';
/** Set for the process that a launcher starts, and for none below it. */
const LAUNCHED = 'PAWL_LAUNCHED';
const TERMINATED = 143;
const here = dirname(fileURLToPath(import.meta.url));

function isNewEnough(version) {
  const parts = version.split('.').map(Number);
  return parts[0] > NEEDED[0] || (parts[0] === NEEDED[0] && parts[1] >= NEEDED[1]);
}

/** A Node that a package manager put into a node_modules folder at or above `from`, if one is new enough. */
function findNode(from) {
  const system = process.platform === 'win32' ? 'win' : process.platform;
  const program = process.platform === 'win32' ? 'node.exe' : 'bin/node';
  const names = ['.bin/node', 'node-' + system + '-' + process.arch + '/' + program, 'node/' + program];
  for (let folder = from; ; folder = dirname(folder)) {
    for (const name of names) {
      const candidate = join(folder, 'node_modules', name);
      if (existsSync(candidate) && isNewEnough(versionOf(candidate))) return candidate;
    }
    if (dirname(folder) === folder) return undefined;
  }
}

function versionOf(program) {
  const answer = spawnSync(program, ['-p', 'process.versions.node'], { encoding: 'utf8' });
  return answer.status === 0 ? answer.stdout.trim() : '0.0';
}

/** Runs this same command on another Node; ends as it ends. */
function handOver(program) {
  const args = [fileURLToPath(import.meta.url)].concat(process.argv.slice(2));
  // The channel carries no message: its end tells the child that this process has died, however it did.
  const child = spawn(program, args, {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: Object.assign({}, process.env, { [LAUNCHED]: '1' }),
  });
  // A terminal sends Ctrl-C to both processes; passing it on as well would count as pressing it twice.
  const isInTerminal = process.stdin.isTTY;
  process.on('SIGINT', () => (isInTerminal ? undefined : child.kill('SIGINT')));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('error', (error) => {
    process.stderr.write('pawl: ' + program + ' cannot be started: ' + error.message + '\n');
    process.exit(ENVIRONMENT_ERROR);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
    process.exitCode = 128 + constants.signals[signal];
  });
}

/** Where a launcher started this process, its death is a SIGTERM: nobody else knows whom to tell to stop. */
function endWithLauncher() {
  const isLaunched = process.env[LAUNCHED] === '1' && process.channel;
  delete process.env[LAUNCHED];
  if (!isLaunched) return;
  const stop = () => {
    if (!process.emit('SIGTERM', 'SIGTERM')) process.exit(TERMINATED);
  };
  process.once('disconnect', stop);
  process.channel.unref();
  if (!process.connected) stop();
}

function versionOfPawl() {
  return JSON.parse(readFileSync(join(here, '..', 'package.json'), 'utf8')).version;
}

/** Says the one command that works, with the arguments that were given. */
function refuse() {
  const args = process.argv.slice(2).map((arg) => {
    return /^[\w@%+=:,./-]+$/.test(arg) ? arg : "'" + arg.replace(/'/g, "'\\''") + "'";
  });
  // Fetched for one use, Pawl lies in no folder that the next npx looks into: then it is named once more.
  const self = here.includes('_npx') ? ['-p', 'pawl@' + versionOfPawl()] : [];
  const command = ['npx', '-y', '-p', 'node@24'].concat(self, 'pawl', args).join(' ');
  const problem = 'Node ' + process.versions.node + ' is too old; Node 22.18 or later is needed';
  process.stderr.write('pawl: ' + CODE + ': ' + problem + '. Run:\n  ' + command + '\n');
  process.exitCode = ENVIRONMENT_ERROR;
}

/** Warnings that nobody can act on, or that Pawl says itself as an error with its cure; every other one is shown. */
function isExpected(warning) {
  if (warning.name === 'ExperimentalWarning') return /^(SQLite|Type Stripping) /.test(warning.message);
  return warning.message.startsWith('Failed to load the ES module: ');
}

/** Node shows warnings by a listener of its own, which is asked only for those that are not expected. */
function silenceExpectedWarnings() {
  const shows = process.listeners('warning');
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (!isExpected(warning)) for (const show of shows) show.call(process, warning);
  });
}

/** Ends the process once everything written has left it, even where a workflow file left a timer open. */
function leave(code) {
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
}

/** The next command starts in half the time: compiled code is kept in the system's temporary folder, or where NODE_COMPILE_CACHE says. */
function keepCompiledCode() {
  if (module.enableCompileCache) module.enableCompileCache();
}

function start() {
  endWithLauncher();
  silenceExpectedWarnings();
  keepCompiledCode();
  const source = join(here, '..', 'src', 'cli', 'main.ts'); // in the repository; published: compiled, beside bin
  const main = existsSync(source) ? '../src/cli/main.ts' : '../cli/main.js';
  import(main)
    .then((cli) => cli.main(process.argv.slice(2)))
    .then(leave, (error) => {
      process.stderr.write('pawl: ' + ((error && error.stack) || error) + '\n');
      leave(ENVIRONMENT_ERROR);
    });
}

if (isNewEnough(process.versions.node)) {
  start();
} else {
  const found = findNode(process.cwd()) || findNode(here);
  if (found) handOver(found);
  else refuse();
}
