// The sessions that are followed on a connection: who is asked for, who is on the
// way out, and whose frames are whose.

/** @import { Known, Subscription, Update, View } from "./sessionstream.d.ts" */
/** @import { ClientFrame, ServerFrame } from "./wire.d.ts" */

import { BROKEN, Following, RESUBSCRIBE } from "./following.js";
import { idProblem } from "./ids.js";

/**
 * What the sessions need of the connection.
 * @typedef {object} Port
 * @property {(frame: ClientFrame) => boolean} send Whether the frame went out.
 * @property {() => void} changed A session may have come to rest.
 * @property {() => void} broken The connection is of no use any more.
 * @property {(failures: number, run: () => void) => () => void} later Runs it after a pause;
 *   returns what forgets it.
 */

export class Sessions {
  #port;
  /** @type {Map<string, Following<any, any>>} */
  #followed = new Map();
  // Frames about a session are of its former subscription until the server has confirmed its end.
  /** @type {Set<string>} */
  #leaving = new Set();
  // What forgets that a session is to be asked for again.
  /** @type {Map<string, () => void>} */
  #retries = new Map();
  #isOpen = false;

  /** @param {Port} port */
  constructor(port) {
    this.#port = port;
  }

  /** Whether nothing is on its way that comes before what is live. */
  get isSettled() {
    for (const { status } of this.#followed.values()) if (status.state === "loading") return false;
    return true;
  }

  /**
   * @template S
   * @template {Update} U
   * @param {string} sessionId
   * @param {View<S, U>} view
   * @param {Known} [known]
   * @returns {Subscription<S>}
   * @throws {RangeError} No session can have this id.
   * @throws {Error} It is followed already.
   */
  follow(sessionId, view, known) {
    const problem = idProblem("session", sessionId);
    if (problem) throw new RangeError(problem);
    if (this.#followed.has(sessionId)) throw new Error(`${sessionId} is followed already`);
    const following = new Following(sessionId, view, known, () => this.#leave(following));
    this.#followed.set(sessionId, following);
    if (this.#isOpen) this.#restart(following);
    return following;
  }

  /** Asks for every session: there is a connection. */
  open() {
    this.#isOpen = true;
    for (const each of Array.from(this.#followed.values())) this.#restart(each);
  }

  /** Forgets what was asked for: the connection is gone. */
  interrupt() {
    this.#isOpen = false;
    this.#leaving.clear();
    for (const forget of this.#retries.values()) forget();
    this.#retries.clear();
  }

  /** Calls no view any more. */
  clear() {
    for (const following of Array.from(this.#followed.values())) following.close();
  }

  /**
   * Takes a frame about a session.
   * @param {string} sessionId
   * @param {ServerFrame} frame
   */
  receive(sessionId, frame) {
    if (frame.unsubscribed) return this.#left(sessionId);
    const following = this.#followed.get(sessionId);
    if (!following || this.#leaving.has(sessionId)) return;
    const found = following.receive(frame);
    if (found === BROKEN) return this.#port.broken();
    if (found === RESUBSCRIBE) this.#restart(following);
    else if (frame.error && following.status.state === "failing") this.#askAgain(following);
    this.#port.changed();
  }

  /** @param {Following<any, any>} following */
  #restart(following) {
    this.#forgetRetry(following.sessionId);
    const request = following.restart(); // its view may leave at that
    if (!this.#leaving.has(following.sessionId)) this.#port.send(request);
  }

  /** @param {Following<any, any>} following */
  #askAgain(following) {
    const { sessionId, failures } = following;
    this.#forgetRetry(sessionId);
    const forget = this.#port.later(failures, () => this.#restart(following));
    this.#retries.set(sessionId, forget);
  }

  /** @param {string} sessionId */
  #forgetRetry(sessionId) {
    this.#retries.get(sessionId)?.();
    this.#retries.delete(sessionId);
  }

  /** @param {Following<any, any>} following */
  #leave(following) {
    const { sessionId } = following;
    if (this.#followed.get(sessionId) !== following) return;
    this.#followed.delete(sessionId);
    this.#forgetRetry(sessionId);
    if (!this.#isOpen || this.#leaving.has(sessionId)) return;
    if (this.#port.send({ unsubscribe: { sessionId } })) this.#leaving.add(sessionId);
    this.#port.changed();
  }

  /** @param {string} sessionId */
  #left(sessionId) {
    const following = this.#followed.get(sessionId);
    if (this.#leaving.delete(sessionId) && following) this.#restart(following);
  }
}
