/** A second interpreter of the clean up of graphs, written from the rules of the format alone. */

export interface RefFinalizer {
  readonly name: string;
  readonly finalize: 'success' | 'failure' | 'always';
  /** What it does: `all` and `any` run three items, of which all must be good, or none; `two` at a time. */
  readonly work: 'step' | 'wait' | 'child' | 'all' | 'any';
}

export type RefEnding = 'completed' | 'failed' | 'cancelled';

const DUE = { completed: 'success', failed: 'failure', cancelled: 'always' } as const;
const ITEMS = 3;
const AT_ONCE = 2;

/** One after the other, in order of declaration; whatever ends as failed makes a failure of a success. */
export class ReferenceCleanUp {
  ending: RefEnding;
  /** Whether a success was made a failure by a finalizer. */
  isSpoiled = false;
  readonly #all: readonly RefFinalizer[];
  readonly #begun = new Set<string>();
  #left: RefFinalizer[];
  #current: RefFinalizer | undefined;
  /** Of a current one that has items. */
  #items: ('waiting' | 'open' | 'good' | 'bad')[] = [];

  constructor(all: readonly RefFinalizer[], ending: RefEnding) {
    this.#all = all;
    this.ending = ending;
    this.#left = this.#due();
    this.#next();
  }

  #due(): RefFinalizer[] {
    const due = ({ finalize }: RefFinalizer): boolean =>
      finalize === 'always' || finalize === DUE[this.ending];
    return this.#all.filter((one) => due(one) && !this.#begun.has(one.name));
  }

  #next(): void {
    this.#current = this.#left.shift();
    if (!this.#current) return;
    const { name, work } = this.#current;
    this.#begun.add(name);
    this.#items = work === 'all' || work === 'any' ? Array.from({ length: ITEMS }, () => 'waiting') : [];
    this.#openItems();
  }

  #openItems(): void {
    for (const [index, item] of this.#items.entries())
      if (item === 'waiting' && this.#items.filter((other) => other === 'open').length < AT_ONCE)
        this.#items[index] = 'open';
  }

  /** The one that has to be given up by somebody else, when its time is over. */
  get limited(): string | undefined {
    return this.#current && this.#current.work !== 'step' ? this.#current.name : undefined;
  }

  get current(): string | undefined {
    return this.#current?.name;
  }

  /** What is open, as `name` or `name/index`. */
  get open(): string[] {
    if (!this.#current) return [];
    const { name } = this.#current;
    if (this.#items.length === 0) return [name];
    return this.#items.flatMap((item, index) => (item === 'open' ? [`${name}/${index}`] : []));
  }

  /** The run is cancelled, or its deadline has passed: what began goes on, what is due only now follows. */
  stop(ending: 'failed' | 'cancelled'): void {
    this.ending = ending;
    this.isSpoiled = false;
    this.#left = this.#due();
    if (!this.#current) this.#next();
  }

  /** A call has ended, or was given up as failed: one that is open, or the whole finalizer by its name. */
  finish(call: string, isGood: boolean, isFailed: boolean): void {
    const [name, item] = call.split('/');
    if (item === undefined) return this.#ended(isFailed);
    this.#items[Number(item)] = isGood ? 'good' : 'bad';
    const bad = this.#items.filter((one) => one === 'bad').length;
    if (bad > 0 && this.#all.find((one) => one.name === name)?.work === 'all') return this.#ended(true);
    this.#openItems();
    if (this.#items.every((one) => one === 'good' || one === 'bad')) this.#ended(false);
  }

  #ended(isFailed: boolean): void {
    if (isFailed && this.ending === 'completed') {
      this.ending = 'failed';
      this.isSpoiled = true;
    }
    this.#next();
  }
}
