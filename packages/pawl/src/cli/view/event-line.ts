/** One event of a log: as a line for people, and as an object for programs. */
import type { StoredEvent } from '../../run/index.ts';
import { decodePayload, formatDuration, type Json } from '../../std/index.ts';
import { cutTo, oneLine, padTo } from './plain-text.ts';
import type { Style } from './style.ts';
import { clockText } from './times.ts';
import { valueLine } from './value-text.ts';

const SEQ = 5;
const TYPE = 20;
const PATH = 24;

/** `   12  11:37:02.123  step.completed        checks/readme  12 ms  {"ok":true}`, cut to the columns. */
export function eventLine(
  event: StoredEvent,
  options: { readonly style: Style; readonly columns: number },
): string {
  const { style } = options;
  const head = `${String(event.seq).padStart(SEQ)}  ${clockText(event.at)}  `;
  const middle = `${padTo(event.type, TYPE)}  ${padTo(oneLine(event.path ?? ''), PATH)}`;
  const used = head.length + TYPE + 2 + Math.max(PATH, (event.path ?? '').length) + 2;
  const detail = cutTo(detailOf(event), Math.max(12, options.columns - used));
  return `${style.dim(head)}${paint(event.type, middle, style)}  ${style.dim(detail)}`.trimEnd();
}

function paint(type: string, text: string, style: Style): string {
  if (/\.(?:failed|lost|parked|expired)$/.test(type)) return style.red(text);
  return /\.(?:completed|resolved)$/.test(type) ? style.green(text) : text;
}

/** The facts of an event that a reader looks for, in one line. */
function detailOf(event: StoredEvent): string {
  const data = event.data as Readonly<Record<string, unknown>>;
  const parts = [
    text('attempt ', data['attempt']),
    text('queue ', data['queue']),
    text('', data['reason']),
    text('', data['decision']),
    event.type === 'step.completed' ? text('', data['outcome']) : '',
    text('', data['name']),
    text('', data['message']),
    text('', data['childRunId']),
    typeof data['durationMs'] === 'number' ? formatDuration(data['durationMs']) : '',
    text('by ', event.actor),
    event.payload === undefined || event.payload === '' ? '' : valueLine(decodePayload(event.payload)),
  ];
  return parts.filter((part) => part !== '').join('  ');
}

function text(prefix: string, value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? oneLine(`${prefix}${value}`) : '';
}

/** The event as `--json` prints it: the time is RFC 3339, the payload is the value itself. */
export function eventJson(event: StoredEvent): Record<string, Json | undefined> {
  const { seq, at, type, path, actor, data, payload } = event;
  return {
    seq,
    at: new Date(at).toISOString(),
    type,
    ...(path === undefined ? {} : { path }),
    ...(actor === undefined ? {} : { actor }),
    data: data as Json,
    ...(payload === undefined ? {} : { payload: decodePayload(payload) }),
  };
}
