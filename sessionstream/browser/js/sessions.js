// The sessions that are followed on a connection: who is asked for, who is on the
// way out, and whose frames are whose.

/** @import { Known, Subscription, Update, View } from "./sessionstream.d.ts" */
/** @import { ClientFrame, ServerFrame } from "./wire.d.ts" */

import { BROKEN, Following, RESUBSCRIBE } from "./following.js";

/**
 * What the sessions need of the connection.
 * @typedef {object} Port
 * @property {(frame: ClientFrame) => boolean} send Whether the frame went out.
 * @property {() => void} changed A session may have come to rest.
 * @property {() => void} broken The connection is of no use any more.
 * @property {(failures: number, run: () => void) => void} later Runs it after a pause.
 */

export class Sessions {
  #port;
  /** @type {Map<string, Following<any, any>>} */
  #followed = new Map();
  // Frames about a session are of its former subscription until the server has confirmed its end.
  /** @type {Set<string>} */
  #leaving = new Set();
  #isOpen = false;
  #generation = 0; // of the connection

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
   */
  follow(sessionId, view, known) {
    if (this.#followed.has(sessionId)) throw new Error(`${sessionId} is followed already`);
    const following = new Following(sessionId, view, known, () => this.#leave(following));
    this.#followed.set(sessionId, following);
    if (this.#isOpen) this.#restart(following);
    return following;
  }

  /** Asks for every session: there is a connection. */
  open() {
    this.#isOpen = true;
    for (const following of this.#followed.values()) this.#restart(following);
  }

  /** Forgets what was asked for: the connection is gone. */
  interrupt() {
    this.#isOpen = false;
    this.#generation++;
    this.#leaving.clear();
  }

  /** Calls no view any more. */
  clear() {
    this.#followed.clear();
  }

  /**
   * Takes a frame about a session.
   * @param {string} sessionId
   * @param {ServerFrame} frame
   */
  receive(sessionId, frame) {
    const isLeaving = this.#leaving.has(sessionId);
    if (frame.unsubscribed || (isLeaving && frame.error)) return this.#left(sessionId);
    const following = this.#followed.get(sessionId);
    if (!following || isLeaving) return;
    const found = following.receive(frame);
    if (found === BROKEN) return this.#port.broken();
    if (found === RESUBSCRIBE) this.#restart(following);
    else if (frame.error && following.status.state === "failing") this.#askAgain(following);
    this.#port.changed();
  }

  /** @param {Following<any, any>} following */
  #restart(following) {
    const request = following.restart();
    if (!this.#leaving.has(following.sessionId)) this.#port.send(request);
  }

  /** @param {Following<any, any>} following */
  #askAgain(following) {
    const generation = this.#generation;
    this.#port.later(following.failures, () => {
      const isThere = this.#followed.get(following.sessionId) === following;
      const isFailing = following.status.state === "failing";
      if (isThere && isFailing && generation === this.#generation) this.#restart(following);
    });
  }

  /** @param {Following<any, any>} following */
  #leave(following) {
    const { sessionId } = following;
    if (this.#followed.get(sessionId) !== following) return;
    this.#followed.delete(sessionId);
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
