/** P4, as a law over random interleavings: no signal is lost, none is delivered twice, and each name keeps its order. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Delivery } from './delivery.ts';
import type { NewEvent } from './events.ts';
import { emptyState, fold } from './fold.ts';
import type { RunState } from './state.ts';

interface Roll {
  readonly act: 'open' | 'open in a scope' | 'send' | 'expire' | 'seal';
  readonly name: 'go' | 'stop';
  readonly pick: number;
  /** How many deliveries the function is behind. */
  readonly ago: number;
}

const rolls = fc.array(
  fc.record<Roll>({
    act: fc.constantFrom(
      'open',
      'open in a scope',
      'open in a scope',
      'send',
      'send',
      'send',
      'expire',
      'seal',
      'seal',
    ),
    name: fc.constantFrom('go', 'go', 'stop'),
    pick: fc.nat(1_000),
    ago: fc.nat(4),
  }),
  { maxLength: 60, size: 'max' },
);

/** Whether the test plays with a state that keeps what is closed, or with the one that a worker has. */
const histories = fc.boolean();

/** A story of signals: what was sent, what was handed over as which delivery, and which scopes were sealed when. */
class Story {
  readonly state: RunState;
  readonly sent: { readonly name: string; readonly payload: string }[] = [];
  readonly handed: { readonly delivery: Delivery; readonly ordinal: number }[] = [];
  /** Deliveries that had been made when the scope of a wait was sealed, by its path. */
  readonly sealed = new Map<string, number>();
  readonly #paths: string[] = [];
  /** Deliveries that the function had seen at its latest call or seal: it never goes back. */
  #seen = 0;

  constructor(history: boolean) {
    this.state = emptyState({ tenant: 'default', runId: 'r1' }, { history });
  }

  tell(roll: Roll): void {
    this.#seen = Math.max(this.#seen, this.state.deliveries - roll.ago);
    if (roll.act === 'open') this.#open(roll, '');
    else if (roll.act === 'open in a scope') this.#open(roll, `race#${this.state.lastSeq + 2}/`);
    else if (roll.act === 'send') this.#send(roll);
    else if (roll.act === 'expire') this.#expire(roll);
    else this.#seal(roll);
    this.#checkBuffers();
  }

  #write(event: NewEvent): void {
    const { lastSeq } = this.state;
    const delivery = fold(this.state, { ...event, seq: lastSeq + 1, at: lastSeq });
    if (delivery) this.handed.push({ delivery, ordinal: this.state.deliveries });
  }

  #open(roll: Roll, scope: string): void {
    const path = `${scope}${roll.name}#${this.#paths.length + 2}`;
    this.#paths.push(path);
    this.#write({
      type: 'wait.opened',
      path,
      data: { kind: 'signal', name: roll.name, after: { n: this.#seen } },
    });
  }

  #send({ name }: Roll): void {
    const payload = JSON.stringify(this.sent.length);
    this.sent.push({ name, payload });
    this.#write({ type: 'signal.received', data: { name }, payload });
  }

  #expire(roll: Roll): void {
    const path = this.#paths[roll.pick % Math.max(1, this.#paths.length)];
    if (path !== undefined) this.#write({ type: 'wait.expired', path, data: { endedAt: 1 } });
  }

  /** Seals the scope of a wait that was open when the function sealed it, `ago` deliveries before now. */
  #seal(roll: Roll): void {
    const after = this.#seen;
    const wasSeen = (path: string): boolean =>
      this.handed.some(({ delivery, ordinal }) => delivery.path === path && ordinal <= after);
    const scoped = this.#paths.filter(
      (path) => path.includes('/') && !this.sealed.has(path) && !wasSeen(path),
    );
    const path = scoped[roll.pick % Math.max(1, scoped.length)];
    if (path === undefined) return;
    this.sealed.set(path, after);
    this.#write({ type: 'wait.cancelled', path, data: { reason: 'lost the race', after } });
  }

  /** A signal is kept only while nobody waits for its name, and the kept ones stand in the order in which they came. */
  #checkBuffers(): void {
    for (const [name, kept] of this.state.signals) {
      expect(this.state.openSignals.has(name)).toBe(false);
      const order = kept.map((signal) => signal.seq);
      expect(order).toEqual(order.toSorted((a, b) => a - b));
      expect(order.length).toBeGreaterThan(0);
    }
  }

  /** What the function got: the hand-overs that it saw before it sealed their scope. */
  get received(): readonly Delivery[] {
    return this.handed
      .filter(({ delivery, ordinal }) => ordinal <= (this.sealed.get(delivery.path) ?? ordinal))
      .map(({ delivery }) => delivery)
      .filter((delivery) => delivery.outcome === 'received');
  }

  get kept(): readonly string[] {
    return [...this.state.signals.values()].flat().map((signal) => signal.payload);
  }
}

function storyOf(list: readonly Roll[], history: boolean): Story {
  const story = new Story(history);
  for (const roll of list) story.tell(roll);
  return story;
}

test('P4: every signal is received exactly once or still kept at the end', () => {
  fc.assert(
    fc.property(rolls, histories, (list, history) => {
      const story = storyOf(list, history);
      const found = [...story.received.map((delivery) => delivery.payload), ...story.kept];
      expect(found.toSorted()).toEqual(story.sent.map((signal) => signal.payload).toSorted());
    }),
    { numRuns: 200 },
  );
});

test('P4: a wait receives signals of its own name only', () => {
  fc.assert(
    fc.property(rolls, histories, (list, history) => {
      const story = storyOf(list, history);
      for (const { path, payload } of story.received)
        expect(path).toContain(story.sent[Number(payload)]?.name);
    }),
  );
});

test('P4: signals of one name are received in the order in which they came, unless a sealed scope had one', () => {
  fc.assert(
    fc.property(rolls, histories, (list, history) => {
      const story = storyOf(list, history);
      const times = new Map<string, number>();
      for (const { delivery } of story.handed)
        times.set(delivery.payload, (times.get(delivery.payload) ?? 0) + 1);
      for (const name of ['go', 'stop']) {
        const order = story.received
          .filter(({ payload }) => times.get(payload) === 1 && story.sent[Number(payload)]?.name === name)
          .map(({ payload }) => Number(payload));
        expect(order).toEqual(order.toSorted((a, b) => a - b));
      }
    }),
    { numRuns: 200 },
  );
});

test('P4: a signal that came back is received before every later one that was kept with it', () => {
  fc.assert(
    fc.property(rolls, (list) => {
      const story = new Story(true);
      for (const roll of list) {
        const kept = story.kept.length === 0 ? undefined : story.state.signals.get(roll.name)?.[0]?.payload;
        const before = story.handed.length;
        story.tell(roll);
        const isOpening = roll.act === 'open' || roll.act === 'open in a scope';
        if (isOpening && kept !== undefined) expect(story.handed[before]?.delivery.payload).toBe(kept);
      }
    }),
    { numRuns: 200 },
  );
});

test('P4: a state with history and one without hand over the same', () => {
  fc.assert(
    fc.property(rolls, (list) => {
      expect(storyOf(list, false).handed).toEqual(storyOf(list, true).handed);
    }),
    { numRuns: 200 },
  );
});
