/** Node's own clock, timers, chance and process, as the engine's platform. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import pino from 'pino';
import type { Clock, Logger, LogLevel, Platform, StopTimer } from '../std/index.ts';
import { uuidV7 } from './uuid.ts';

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** Logs JSON lines to stderr, from the level that `PAWL_LOG` names (`warn` when it is not set). */
export function stderrLogger(): Logger {
  const wanted = process.env['PAWL_LOG'] as LogLevel | undefined;
  const level = wanted !== undefined && LEVELS.includes(wanted) ? wanted : 'warn';
  const logger = pino(
    { level, base: { name: 'pawl' }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 2, sync: true }),
  );
  return { log: (at, message, fields) => logger[at](fields ?? {}, message) };
}

const clock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };

/** A timer of Node takes 31 bits, and fires at once where it is given more. */
const LONGEST_MS = 2_147_483_647;

function setTimer(delayMs: number, run: () => void): StopTimer {
  if (delayMs > LONGEST_MS) {
    let stop = setTimer(LONGEST_MS, () => {
      stop = setTimer(delayMs - LONGEST_MS, run);
    });
    return () => stop();
  }
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
}

/** A place for log lines that is away must not end runs. */
function quietly(log: () => void): void {
  try {
    log();
  } catch {
    // there is nowhere to say it
  }
}

let turns: (() => void)[] = [];

/** Outside of every run: what one run asked for must not carry its context into another's turn. */
const inRootContext = AsyncLocalStorage.snapshot();

/** All turns that were asked for since the last one run in one macrotask; microtasks follow behind them. */
function nextTurn(run: () => void): void {
  if (turns.push(run) === 1) setImmediate(inRootContext, runTurns);
}

function runTurns(): void {
  const due = turns;
  turns = [];
  for (const run of due) {
    try {
      run();
    } catch (error) {
      setImmediate(() => {
        throw error; // nobody's to handle: it ends the process as any uncaught error does, after the other turns
      });
    }
  }
}

const POOL_BYTES = 10_240;
let pool = new Uint8Array(0);
let used = 0;

/** Ten random bytes from a pool: one call of the system's generator serves a thousand ids. */
function nextRandom(): Uint8Array {
  if (used + 10 > pool.length) {
    pool = randomBytes(POOL_BYTES);
    used = 0;
  }
  used += 10;
  return pool.subarray(used - 10, used);
}

export function nodePlatform(logger: Logger = stderrLogger()): Platform {
  return {
    clock,
    logger: { log: (...line) => quietly(() => logger.log(...line)) },
    setTimer,
    nextTurn,
    random: () => Math.random(),
    newId: () => uuidV7(Date.now(), nextRandom()),
    hostname: hostname(),
    pid: process.pid,
  };
}
