/** The demo's screen, line by line. */
import { formatDuration } from '../../std/index.ts';
import type { Typed } from '../typed-command.ts';
import { cutTo, oneLine, padTo } from '../view/plain-text.ts';
import type { Style } from '../view/style.ts';
import type { Proof } from './proof.ts';
import type { Scene } from './story.ts';
import { counted } from '../view/counted.ts';

export interface LineStyle {
  readonly style: Style;
  readonly columns: number;
}

const NAME = 17;
const DURATION = 8;
const LABEL = 10;

export function titleLine(what: string, { style }: LineStyle): string {
  return `${style.bold('Pawl demo')}  ${oneLine(what)}, and its worker is killed on the way`;
}

export function workerLine(place: number, pid: number, { style }: LineStyle): string {
  return `${style.bold(`worker ${place}`)}   ${style.dim(`process ${pid}`)}`;
}

export function sceneLine(scene: Scene, line: LineStyle): string {
  const { style } = line;
  switch (scene.kind) {
    case 'done': {
      const again = scene.attempt > 1 ? `attempt ${scene.attempt}: ` : '';
      return row(
        {
          mark: style.green('✓'),
          name: scene.path,
          duration: formatDuration(scene.durationMs),
          note: `${again}${scene.note}`,
        },
        line,
      );
    }
    case 'failed':
      return row({ mark: style.red('✗'), name: scene.path, duration: '', note: scene.note }, line);
    case 'lost':
      return row(
        {
          mark: style.yellow('!'),
          name: scene.path,
          duration: '',
          note: 'attempt 1 was lost with its worker; trying again',
        },
        line,
      );
    case 'decided':
      return row(
        {
          mark: scene.decision === 'approved' ? style.green('✓') : style.red('✗'),
          name: scene.path,
          duration: '',
          note: `${scene.decision} by ${scene.by}`,
        },
        line,
      );
  }
}

interface Row {
  readonly mark: string;
  readonly name: string;
  readonly duration: string;
  readonly note: string;
}

function row({ mark, name, duration, note }: Row, { style, columns }: LineStyle): string {
  const room = Math.max(10, columns - NAME - DURATION - 6);
  return `  ${mark} ${padTo(cutTo(shortPath(name), NAME), NAME)}${style.dim(duration.padStart(DURATION))}  ${style.dim(cutTo(oneLine(note), room))}`.trimEnd();
}

/** A branch and the step in it often share a name, which is said once: `checks/license/license`. */
function shortPath(path: string): string {
  const parts = path.split('/');
  return parts.filter((part, index) => part !== parts[index - 1]).join('/');
}

function ownKeys(count: number, thing: string): string {
  return `${counted(count, thing)}${count === 1 ? '' : ', each'} with its own key`;
}

export function killLine(inside: string | undefined, { style }: LineStyle): string {
  const where =
    inside === undefined ? 'between two steps' : `inside "${inside}", the answer still on its way`;
  return `  ${style.red('✗')} ${style.red('killed with SIGKILL')} ${where}`;
}

export function rememberedLine(paths: readonly string[], { style, columns }: LineStyle): string {
  const names = paths.map((path) => path.split('/').at(-1) ?? path).join(', ');
  const head = `${counted(paths.length, 'step')} remembered, not run again`;
  return `  ${style.cyan('↺')} ${head}: ${style.dim(cutTo(names, Math.max(10, columns - head.length - 6)))}`;
}

export interface Change {
  /** Steps that ended under each worker. */
  readonly first: number;
  readonly second: number;
  /** From the kill to the first event of the second worker, the start of its process included. */
  readonly gapMs: number;
}

export function proofLines(proof: Proof, { first, second, gapMs }: Change, { style }: LineStyle): string[] {
  const field = (name: string, text: string): string => `  ${padTo(name, LABEL)}${style.dim(text)}`;
  const isRepeated = proof.requests > proof.requestKeys;
  const seen = isRepeated
    ? `${counted(proof.requests, 'request')} with ${counted(proof.requestKeys, 'key')}, the repetition recognized`
    : ownKeys(proof.requests, 'request');
  return [
    style.bold('proof'),
    field(
      'journal',
      `${counted(proof.steps, 'step')} recorded: ${first} by worker 1, ${second} by worker 2, which went on ${formatDuration(gapMs)} after the kill`,
    ),
    field('machine', `${ownKeys(proof.lines, 'effect')}, each happened once`),
    field('service', `${seen}, each counted once`),
  ];
}

export interface Farewell {
  readonly status: string;
  readonly tookMs: number;
  readonly runId: string;
  readonly typed: Typed;
}

export function farewellLines({ status, tookMs, runId, typed }: Farewell, { style }: LineStyle): string[] {
  const mark = status === 'completed' ? style.green('✓') : style.red('✗');
  return [
    `${mark} ${style.bold(status)} after ${formatDuration(tookMs)}. Look at it:`,
    `  ${typed(`pawl show ${runId}`)}`,
    `  ${typed(`pawl events ${runId}`)}`,
  ];
}
