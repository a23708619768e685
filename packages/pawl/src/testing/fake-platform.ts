/** A platform whose time only moves when a test moves it. */
import type { LogFields, LogLevel, Platform, StopTimer } from '../std/index.ts';

interface Timer {
  readonly dueMonotonic: number;
  readonly order: number;
  readonly run: () => void;
}

export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

export interface FakePlatform extends Platform {
  /** Moves both clocks; timers fire in order of their time, and what they set off is done before the next one. */
  advance(ms: number): Promise<void>;
  /** Moves the wall clock alone, as a correction of the system's time does. */
  jump(ms: number): void;
  /** Resolves when nothing is left to do without the time moving. */
  settle(): Promise<void>;
  /** Milliseconds until the next timer; undefined when none is set. */
  readonly nextTimerIn: number | undefined;
  readonly lines: readonly LogLine[];
}

export interface FakePlatformOptions {
  /** Wall clock at the beginning, ms since 1970; 2026-01-01. */
  readonly startMs?: number;
  /** Seed of ids and chance: two platforms of one seed give the same; several engines on one store need different ones. */
  readonly seed?: number;
}

/** So many empty macrotask turns in a row count as quiet. */
const QUIET_TURNS = 5;

/** Clock, timers, ids and chance under the control of a test; turns are Node's own. */
export function fakePlatform(options: FakePlatformOptions = {}): FakePlatform {
  const { startMs = Date.UTC(2026, 0, 1), seed = 1 } = options;
  const timers = new Set<Timer>();
  const lines: LogLine[] = [];
  const chance = generator(seed);
  let wall = startMs;
  let monotonic = 0;
  let order = 0;
  let turns = 0;
  let ids = 0;

  const setTimer = (delayMs: number, run: () => void): StopTimer => {
    const timer: Timer = { dueMonotonic: monotonic + Math.max(0, delayMs), order: order++, run };
    timers.add(timer);
    return () => timers.delete(timer);
  };
  const nextTurn = (run: () => void): void => {
    turns++;
    setImmediate(() => {
      turns--;
      run();
    });
  };
  const settle = async (): Promise<void> => {
    for (let quiet = 0; quiet < QUIET_TURNS; ) {
      await new Promise((resolve) => setImmediate(resolve));
      quiet = turns === 0 ? quiet + 1 : 0;
    }
  };
  const next = (): Timer | undefined =>
    [...timers].sort((a, b) => a.dueMonotonic - b.dueMonotonic || a.order - b.order)[0];
  const moveTo = (time: number): void => {
    wall += time - monotonic;
    monotonic = time;
  };
  const advance = async (ms: number): Promise<void> => {
    await settle();
    const end = monotonic + ms;
    for (let timer = next(); timer && timer.dueMonotonic <= end; timer = next()) {
      timers.delete(timer);
      moveTo(Math.max(monotonic, timer.dueMonotonic));
      timer.run();
      await settle();
    }
    moveTo(end);
    await settle();
  };
  return {
    clock: { now: () => wall, monotonic: () => monotonic },
    logger: { log: (level, message, fields = {}) => lines.push({ level, message, fields }) },
    setTimer,
    nextTurn,
    random: chance,
    newId: () => fakeId(seed, ++ids),
    hostname: 'test',
    pid: seed,
    advance,
    jump: (ms) => {
      wall += ms;
    },
    settle,
    get nextTimerIn() {
      const timer = next();
      return timer && timer.dueMonotonic - monotonic;
    },
    lines,
  };
}

/** Ids in the form of a UUID version 7, sorted by the order in which they were made. */
function fakeId(seed: number, count: number): string {
  const hex = count.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${seed.toString(16).padStart(12, '0')}`;
}

/** mulberry32 (Tommy Ettinger, public domain): small, seedable, good enough for jitter. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
