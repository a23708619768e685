/** A run of a graph's driver without anything around it: its calls are ended from outside, in whatever order. */
import { GraphDriver } from '../../../packages/pawl/src/decide/index.ts';
import type { Graph } from '../../../packages/pawl/src/graph/index.ts';
import {
  CHILD_KIND,
  type Command,
  type Delivery,
  type GivenUp,
  type StopOrder,
} from '../../../packages/pawl/src/run/index.ts';

export type Outcomes = (step: string, visit: number, item: number) => string;

/** What a driver hears, and a log keeps. */
export type Heard =
  | { readonly type: 'delivery'; readonly delivery: Delivery }
  | { readonly type: 'stop'; readonly order: StopOrder }
  | { readonly type: 'giveUp'; readonly given: GivenUp };

export class DrivenGraph {
  readonly driver: GraphDriver;
  readonly open = new Set<string>();
  /** Everything that was delivered, in order. */
  readonly log: Delivery[] = [];
  /** The same, with the stops in between. */
  readonly heard: Heard[] = [];
  readonly opened = new Map<string, string>();
  readonly markers = new Map<string, { readonly digest?: string | undefined }>();
  end: Command | undefined;
  readonly #outcomes: Outcomes;
  /** Steps that come to something by themselves. */
  readonly #given = new Map<string, string>();

  constructor(graph: Graph, outcomeOf: Outcomes, log: Pick<DrivenGraph, 'opened' | 'markers'> = NOTHING) {
    this.#outcomes = outcomeOf;
    const { opened: recorded, markers } = log;
    this.driver = new GraphDriver({
      graph,
      input: '',
      facts: {},
      recorded: new Map(recorded),
      markers: new Map(markers),
      onActivity: () => undefined,
    });
    this.driver.start();
  }

  /** Takes commands until there are no more. */
  take(): void {
    for (
      let commands = this.driver.takeCommands();
      commands.length > 0;
      commands = this.driver.takeCommands()
    )
      for (const command of commands) this.#obey(command);
  }

  #obey(command: Command): void {
    if (command.type === 'ScheduleStep') {
      this.#opened(command.step.path, command.step.kind);
      if (command.step.run) this.#given.set(command.step.path, labelOf(command.step.run));
    } else if (command.type === 'OpenWait') this.#opened(command.wait.path, command.wait.kind);
    else if (command.type === 'StartChild') this.#opened(command.child.path, CHILD_KIND);
    else if (command.type === 'RecordMarker') this.markers.set(command.path, command.marker);
    else if (command.type === 'CancelCalls') {
      for (const path of command.paths) this.deliver(this.#delivery(path, 'cancelled'));
    } else this.end = command;
  }

  #opened(path: string, kind: string): void {
    this.open.add(path);
    this.opened.set(path, kind);
  }

  #delivery(path: string, outcome: string): Delivery {
    const failure = { class: 'terminal', code: 'TEST', message: 'as told', path };
    const payload = outcome === 'failed' ? JSON.stringify(failure) : '{}';
    return { path, kind: 'probe', outcome, payload, endedAt: 0 };
  }

  deliver(delivery: Delivery): void {
    this.open.delete(delivery.path);
    this.log.push(delivery);
    this.hear({ type: 'delivery', delivery });
  }

  hear(heard: Heard): void {
    this.heard.push(heard);
    if (heard.type === 'delivery') this.driver.deliver(heard.delivery);
    else if (heard.type === 'stop') this.#stop(heard.order);
    else this.driver.giveUp(heard.given);
  }

  /** An end that was asked for and is not recorded is none. */
  #stop(order: StopOrder): void {
    this.driver.stop(order);
    this.end = undefined;
  }

  /** However its graph would have it end. */
  finishAs(path: string, outcome: string): void {
    this.deliver(this.#delivery(path, outcome));
  }

  /** Its label. */
  finish(path: string): string {
    const { step, visit, item = 0 } = partsOf(path);
    const label = this.#given.get(path) ?? this.#outcomes(step, visit, item);
    this.deliver(this.#delivery(path, label));
    return label;
  }

  /** How it ended, with what came out. */
  get result(): unknown {
    if (this.end?.type === 'Complete') return ['completed', this.end.output];
    return this.end?.type === 'Fail'
      ? [this.end.failure.code, this.end.failedSteps]
      : this.driver.parked?.reason;
  }
}

const NOTHING = { opened: new Map<string, string>(), markers: new Map<string, object>() };

function labelOf(run: (context: never) => unknown): string {
  try {
    run({} as never);
    return 'ok';
  } catch {
    return 'failed';
  }
}

/** `s1#2`, or of an item `s1#2/item:0/step`. */
export function partsOf(path: string): { step: string; visit: number; item: number | undefined } {
  const [own = '', item] = path.split('/');
  const [step = '', visit = '1'] = own.split('#');
  return { step, visit: Number(visit), item: item === undefined ? undefined : Number(item.split(':')[1]) };
}

/** As the reference calls it. */
export function nameOf(path: string): string {
  const { step, item } = partsOf(path);
  return item === undefined ? step : `${step}/${item}`;
}
