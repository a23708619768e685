/** Follows a run to its end, or to where nobody here can move it; a person at the terminal is asked on the way. */
import type { Engine } from '../../engine/index.ts';
import type { RunState } from '../../run/index.ts';
import type { Interrupts } from '../interrupts.ts';
import type { Session } from '../session.ts';
import { Desk } from './desk.ts';
import { Family } from './family.ts';
import { LiveWatch } from './live-watch.ts';
import { plainWatch } from './plain-watch.ts';
import { Pulse, staysQuiet } from './pulse.ts';
import { type Standing, standingOf } from './standing.ts';
import { SILENT, type Watch } from './watch.ts';

export interface Following {
  readonly engine: Engine;
  readonly runId: string;
  readonly interrupts: Interrupts;
}

export interface Followed {
  readonly end: 'ended' | 'held' | 'interrupted';
  /** The run, or the one that it continued as. */
  readonly state: RunState;
  readonly standing: Standing;
}

/** Held for this long without a further event: then it is held. An answer and what it sets free come as several events. */
const SETTLE_MS = 150;

export async function followRun(session: Session, following: Following): Promise<Followed> {
  const { engine, runId, interrupts } = following;
  const pulse = new Pulse();
  const watch = watchOf(session, runId, () => family);
  const family = new Family(engine, runId, (event) => {
    watch.take(event);
    pulse.beat();
  });
  session.redirectLog((line) => watch.say(line));
  const desk = new Desk(session, { engine, interrupts, watch, pulse });
  try {
    for (;;) {
      const next = pulse.next();
      const standing = standingOf(family.root, family.states);
      const followed = (end: Followed['end']): Followed => ({ end, state: family.root, standing });
      if (standing.kind === 'ended') return followed('ended');
      if (interrupts.signal.aborted) return followed('interrupted');
      desk.attend(standing);
      const mayStop = standing.kind === 'held' && desk.isPowerless(standing);
      if (mayStop && (await staysQuiet(session.platform, next, SETTLE_MS))) return followed('held');
      if (!mayStop) await Promise.race([next, interrupts.first, family.failed]);
    }
  } finally {
    await desk.close();
    watch.close();
    session.redirectLog(undefined);
    await family.stop();
  }
}

function watchOf(session: Session, runId: string, family: () => Family): Watch {
  if (session.isJson) return SILENT;
  return session.screen.isTerminal
    ? new LiveWatch(session.screen, session.platform, family)
    : plainWatch(session.screen, runId);
}
