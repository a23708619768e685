/** What may fire, and what may fire again: every effect against the log of its run. */
import { type AttemptEnd, attemptName, attemptsOf, type LoggedAttempt } from './attempts.ts';
import type { JudgedRun } from './judge.ts';
import type { Firing } from './protocol.ts';
import type { World } from './world.ts';

/** JOURNAL A6: after 25 ms a start is written in its own right; the rest is what a loaded machine adds to a timer and a commit. */
const UNWRITTEN_MS = 25 + 975;
/** A worker that comes back to its store finds out what became of its commits, claims again, and writes. */
const COME_BACK_MS = 5_000;
/** Resolution of the two clocks that are compared, one of the effect and one of the store. */
const CLOCK_MS = 1;

/** What became of the processes. */
type Outside = Pick<World, 'deaths' | 'stops' | 'outages'>;

export function effectProblems(run: JudgedRun, world: Outside): string[] {
  const attempts = attemptsOf(run.events);
  const byAttempt = Map.groupBy(run.firings, ({ path, attempt }) => attemptName(path, attempt));
  return [
    ...run.firings
      .filter(({ key, runId, path }) => key !== `${runId}:${path}`)
      .map(({ key, path }) => `${path} fired with the key ${key}`),
    ...[...byAttempt].flatMap(([name, firings]) =>
      attemptFiringProblems(firings, { name, attempt: attempts.get(name), world }),
    ),
    ...silentProblems(run, byAttempt),
    ...orderProblems(run, world),
  ];
}

interface Attempt {
  readonly name: string;
  readonly attempt: LoggedAttempt | undefined;
  readonly world: Outside;
}

/** One firing an attempt and process; others only where their start had not been written when their process died. */
function attemptFiringProblems(firings: readonly Firing[], { name, attempt, world }: Attempt): string[] {
  const [end] = attempt?.ends ?? [];
  const logged = end && loggedFiring(firings, end, attempt?.beganAt);
  const unlogged = firings.filter((firing) => firing !== logged);
  const again = firings.filter((one, index) => {
    const before = firings.findIndex(({ pid }) => pid === one.pid);
    return before < index && !wasStopped(one, world, (firings[before] as Firing).at);
  });
  const late = firings.filter(
    (firing) => end !== undefined && firing.at > end.at + CLOCK_MS && !wasStopped(firing, world, end.at),
  );
  return [
    ...again.map(({ pid }) => `${name} fired again in the process ${pid}, which had not died in between`),
    ...late.map(
      (firing) => `${name} fired ${firing.at - (end as AttemptEnd).at} ms after its outcome was recorded`,
    ),
    ...unlogged.flatMap((firing) =>
      unwrittenProblem(firing, world).map((problem) => `${name} fired, ${problem}`),
    ),
  ];
}

/** The one whose attempt stands in the log: it fired when that began. */
function loggedFiring(firings: readonly Firing[], end: AttemptEnd, beganAt?: number): Firing | undefined {
  if (beganAt === undefined) return firings.findLast(({ at }) => at <= end.at + CLOCK_MS) ?? firings.at(-1);
  const offOf = ({ at }: Firing): number => Math.abs(at - beganAt);
  return firings.toSorted((a, b) => offOf(a) - offOf(b))[0];
}

/**
 * Whether its process stood still at some time between this one and the effect, and has just been continued, if at all. The time of
 * an effect is taken before it is had: the process may have been stopped in between.
 */
function wasStopped({ pid, at }: Firing, { stops }: Outside, since: number): boolean {
  return stops.some(
    ({ from, until, ...stop }) =>
      stop.pid === pid && from <= at + UNWRITTEN_MS && until >= since && at <= until + UNWRITTEN_MS,
  );
}

/** A start that was not written in time: its process died, or stood still, before it could be. */
function unwrittenProblem({ pid, at }: Firing, { deaths, stops, outages }: Outside): string[] {
  const latest = writtenBy(at, outages);
  if (stops.some((stop) => stop.pid === pid && stop.until + UNWRITTEN_MS >= at && stop.from <= latest))
    return [];
  const death = deaths.get(pid);
  if (death === undefined) return [`is not in the log, and its process ${pid} lives`];
  return death > latest ? [`is not in the log, and its process died only ${death - at} ms later`] : [];
}

/** When a start stands in the log at the latest: while the store is away, nobody can write it. */
function writtenBy(at: number, outages: Outside['outages']): number {
  const wait = (latest: number, { from, until }: Outside['outages'][number]): number =>
    from <= latest && until >= at ? Math.max(latest, until + COME_BACK_MS) : latest;
  return outages.reduce(wait, at + UNWRITTEN_MS);
}

/** An outcome of a step without an effect: somebody made it up. */
function silentProblems({ events }: JudgedRun, fired: ReadonlyMap<string, readonly Firing[]>): string[] {
  return events
    .filter(({ type }) => type === 'step.completed')
    .filter(
      ({ path = '', data }) => !fired.has(attemptName(path, (data as { attempt?: number }).attempt ?? 1)),
    )
    .map(({ path }) => `${path} is completed and never fired`);
}

/** In a chain, no step fires before the outcome of the one before it was recorded, and none after its follower has fired. */
function orderProblems({ row, firings, events }: JudgedRun, world: Outside): string[] {
  if (row.workflow !== 'chain') return [];
  const recordedAt = new Map(
    events.filter(({ type }) => type === 'step.completed').map(({ path, at }) => [path ?? '', at]),
  );
  return firings.flatMap((firing, index) => {
    const { path, at } = firing;
    const number = Number(path.slice(1));
    const before = number === 0 ? 0 : recordedAt.get(`s${number - 1}`);
    const isEarly = before === undefined || at + CLOCK_MS < before;
    const later = firings.slice(0, index).find((other) => Number(other.path.slice(1)) > number);
    const isBack = later !== undefined && !wasStopped(firing, world, later.at);
    return [
      ...(isEarly ? [`${path} fired before the outcome of the step before it was recorded`] : []),
      ...(isBack ? [`${path} fired again after a later step had fired`] : []),
    ];
  });
}
