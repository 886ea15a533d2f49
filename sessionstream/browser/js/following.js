// A session that is followed: its frames go through the view's reducer.

/** @import { Subscription, SubscriptionStatus, Update, View } from "./sessionstream.d.ts" */
/** @import { ErrorFrame, PositionFrame, ServerFrame, SubscribedFrame } from "./wire.d.ts" */

import { Assembly, GAP } from "./assembly.js";
import { guarded } from "./environment.js";

/** Something is missing, and is to be asked for. */
export const RESUBSCRIBE = "resubscribe";
/** It was asked for, and did not come: this connection is of no use. */
export const BROKEN = "broken";

/**
 * @template S
 * @template {Update} U
 * @implements {Subscription<S>}
 */
export class Following {
  #view;
  #assembly;
  #close;
  /** @type {S} */
  #state;
  /** @type {SubscriptionStatus} */
  #status = { state: "loading" };
  #failures = 0;

  /**
   * @param {string} sessionId
   * @param {View<S, U>} view
   * @param {() => void} close
   */
  constructor(sessionId, view, close) {
    this.sessionId = sessionId;
    this.#view = view;
    this.#assembly = new Assembly(sessionId);
    this.#state = view.initial;
    this.#close = close;
  }

  get state() {
    return this.#state;
  }

  get status() {
    return this.#status;
  }

  /** How often in a row the server could not read the session. */
  get failures() {
    return this.#failures;
  }

  close() {
    this.#close();
  }

  /** Begins anew where it stands; returns what to ask the server for. */
  restart() {
    this.#become({ state: "loading" });
    return { subscribe: this.#assembly.restart() };
  }

  /**
   * Takes a frame about the session; says whether something is missing now.
   * @param {ServerFrame} frame
   * @returns {typeof RESUBSCRIBE | typeof BROKEN | null}
   */
  receive({ snapshot, uiEvent, subscribed, position, error }) {
    if (snapshot) return this.#apply(this.#assembly.snapshot(snapshot));
    if (uiEvent) return this.#apply(this.#assembly.uiEvent(uiEvent));
    if (subscribed) return this.#arrive(subscribed);
    if (position) this.#advance(position);
    if (error) this.#fail(error);
    return null;
  }

  /** @param {import("./assembly.js").Assembled} update */
  #apply(update) {
    // While it is asked for, what was on its way before goes on to be out of place.
    if (update === GAP) return this.#status.state === "live" ? RESUBSCRIBE : null;
    if (!update) return null;
    // The generated names of the view's updates are those of the same server.
    const typed = /** @type {U} */ (update);
    guarded(() => {
      this.#state = this.#view.reduce(this.#state, typed);
      this.#view.show?.(this.#state, typed);
    });
    return null;
  }

  /** @param {SubscribedFrame} frame */
  #arrive(frame) {
    if (this.#assembly.isTorn) return BROKEN;
    this.#assembly.advance(frame);
    this.#failures = 0;
    this.#become({ state: "live" });
    return null;
  }

  /**
   * One that was on its way when a gap was found would step over the gap.
   * @param {PositionFrame} frame
   */
  #advance(frame) {
    if (this.#status.state === "live") this.#assembly.advance(frame);
  }

  /** @param {ErrorFrame} frame */
  #fail({ code = "", message = "" }) {
    const isFinal = code === "subscribe_denied" || code === "too_many_subscriptions";
    if (!isFinal) this.#failures++;
    this.#become({ state: isFinal ? "denied" : "failing", code, message });
  }

  /** @param {SubscriptionStatus} status */
  #become(status) {
    if (status.state === this.#status.state && status.state === "loading") return;
    this.#status = status;
    guarded(() => this.#view.status?.(status));
  }
}
