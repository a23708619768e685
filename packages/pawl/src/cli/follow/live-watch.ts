/** The live view of a terminal: the same few lines, drawn again and again with plain ANSI. */
import type { Platform, StopTimer } from '../../std/index.ts';
import { FRAME_MS } from '../defaults.ts';
import type { Screen } from '../screen.ts';
import type { Family, FamilyEvent } from './family.ts';
import { liveFrame } from './live-frame.ts';
import type { Watch } from './watch.ts';

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const NO_WRAP = '\u001b[?7l';
const WRAP = '\u001b[?7h';

/**
 * drawing ⇄ paused → closed. While drawing, `#height` lines at the bottom of the terminal are ours, and the cursor stands
 * below them; paused or closed, none are.
 */
export class LiveWatch implements Watch {
  readonly #screen: Screen;
  readonly #platform: Platform;
  readonly #family: () => Family;
  #height = 0;
  #frame = 0;
  #stopTimer: StopTimer | undefined;
  #isDrawing = false;
  /** Also where the process ends in the middle: a terminal without a cursor is nobody's. */
  readonly #showCursor = (): void => this.#screen.write(SHOW_CURSOR);

  constructor(screen: Screen, platform: Platform, family: () => Family) {
    this.#screen = screen;
    this.#platform = platform;
    this.#family = family;
  }

  /** The next frame shows it. The first event of the run opens the view. */
  take(_event: FamilyEvent): void {
    if (this.#frame === 0 && !this.#isDrawing) this.resume();
  }

  say(...lines: readonly string[]): void {
    this.#screen.write(`${this.#eraser()}${lines.map((line) => `${line}\n`).join('')}`);
    if (this.#isDrawing) this.#draw();
  }

  pause(): void {
    if (!this.#isDrawing) return;
    this.#draw();
    this.#stop();
    this.#height = 0;
  }

  resume(): void {
    this.#isDrawing = true;
    this.#screen.write(HIDE_CURSOR);
    process.once('exit', this.#showCursor);
    this.#tick();
  }

  close(): void {
    if (!this.#isDrawing) return;
    this.#draw(true);
    this.#stop();
    this.#height = 0;
  }

  #stop(): void {
    this.#stopTimer?.();
    this.#isDrawing = false;
    process.off('exit', this.#showCursor);
    this.#showCursor();
  }

  #tick(): void {
    this.#draw();
    this.#stopTimer = this.#platform.setTimer(FRAME_MS, () => this.#tick());
  }

  #draw(isLast = false): void {
    const { root, states } = this.#family();
    const options = {
      ...this.#screen.size(),
      style: this.#screen.style,
      now: this.#platform.clock.now(),
      frame: this.#frame,
      isLast,
    };
    const lines = liveFrame(root, states, options);
    this.#frame++;
    this.#screen.write(`${this.#eraser()}${NO_WRAP}${lines.map((line) => `${line}\n`).join('')}${WRAP}`);
    this.#height = lines.length;
  }

  /** Moves to the first of our lines and clears from there to the end of the screen. */
  #eraser(): string {
    const erase = this.#height === 0 ? '' : `\u001b[${this.#height}A\r\u001b[J`;
    this.#height = 0;
    return erase;
  }
}
