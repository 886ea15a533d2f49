// How long to wait before the next attempt. Pauses are random from nothing to a
// ceiling that doubles: a server that comes back is not met by all its pages at once.

/** @import { Environment } from "./sessionstream.d.ts" */

const BACKOFF_MS = /** @type {const} */ ([500, 15_000]);
// One that ends sooner than this was no success: a server that lets everybody in and
// falls over is not to be hammered.
const STEADY_MS = 10_000;

export class Pauses {
  #environment;
  #first;
  #last;
  #failures = 0;
  /** @type {number | null} */
  #liveSince = null;
  #isSummoned = false; // the server has asked to be left by `until`
  /** When the pause ends, in milliseconds since 1970. */
  until = 0;

  /**
   * @param {Environment} environment
   * @param {readonly [number, number]} [backoffMs]
   */
  constructor(environment, [first, last] = BACKOFF_MS) {
    this.#environment = environment;
    this.#first = first;
    this.#last = last;
  }

  /** Begins a pause, longer than the ones before it may be. */
  failed() {
    const { now } = this.#environment;
    if (this.#liveSince !== null && now() - this.#liveSince >= STEADY_MS) this.#failures = 0;
    this.#liveSince = null;
    const isSummoned = this.#isSummoned && this.until > now();
    this.#isSummoned = false;
    if (!isSummoned) this.until = now() + this.#after(this.#failures++);
  }

  succeeded() {
    this.#liveSince = this.#environment.now();
    this.#isSummoned = false;
  }

  /**
   * Begins a pause that ends within a time.
   * @param {number} ms
   */
  leaveWithin(ms) {
    this.until = this.#environment.now() + this.#environment.random() * ms;
    this.#isSummoned = true;
  }

  /** What is left of the pause, in milliseconds. */
  remaining() {
    return Math.max(0, this.until - this.#environment.now());
  }

  /**
   * Runs something after the pause that so many failures make; returns what forgets it.
   * @param {number} failures
   * @param {() => void} run
   */
  later(failures, run) {
    const timer = this.#environment.setTimeout(run, this.#after(failures));
    return () => this.#environment.clearTimeout(timer);
  }

  /** @param {number} failures */
  #after(failures) {
    return this.#environment.random() * Math.min(this.#last, this.#first * 2 ** failures);
  }
}
