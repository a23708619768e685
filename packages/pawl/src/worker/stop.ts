/** The way to stop one attempt: an AbortSignal for whoever asks for one, and nothing for the many that do not. */

export class Stop {
  #controller: AbortController | undefined;
  #isStopped = false;
  #reason: unknown;
  #onStop: (() => void) | undefined;

  get isStopped(): boolean {
    return this.#isStopped;
  }

  get reason(): unknown {
    return this.#reason;
  }

  /** Made on the first look: most attempts never ask for it. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#isStopped) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Stops the attempt, once; the first reason counts. */
  stop(reason: unknown): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
    this.#onStop?.();
  }

  /** Calls `run` when the attempt is stopped; there is one such listener. */
  onStop(run: () => void): void {
    if (this.#isStopped) run();
    else this.#onStop = run;
  }
}
