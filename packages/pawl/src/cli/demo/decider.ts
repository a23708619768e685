/** Who decides the demo's approval: the person at the terminal, or the demo itself, which then says so. */
import type { Engine } from '../../engine/index.ts';
import type { WaitState } from '../../run/index.ts';
import { askPerson } from '../follow/ask.ts';
import type { Interrupts } from '../interrupts.ts';
import { personHere, type Session } from '../session.ts';

const NOBODY = 'the demo itself, since nobody sits at a terminal';

export type Decide = (engine: Engine, runId: string, approval: WaitState) => Promise<void>;

export function deciderOf(session: Session, interrupts: Interrupts, isYes: boolean): Decide {
  const person = session.isJson || isYes ? undefined : personHere(session.screen);
  return async (engine, runId, approval) => {
    const { path } = approval;
    if (person === undefined)
      return engine.approve(runId, path, { by: isYes ? 'the demo itself (--yes)' : NOBODY });
    const gate = {
      runId,
      kind: 'approval',
      path,
      name: path,
      message: approval.message,
      payload: approval.payload,
      schema: undefined,
      approvers: undefined,
    } as const;
    const answer = await askPerson(session.screen, gate, {
      signal: interrupts.signal,
      interrupt: interrupts.interrupt,
      isUrgent: true,
    });
    if (interrupts.signal.aborted) return;
    if (answer?.kind === 'approved') return engine.approve(runId, path, { by: person });
    return engine.reject(runId, path, { by: person });
  };
}
