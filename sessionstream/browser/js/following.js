// A session that is followed: its frames go through the view's reducer.

/** @import { Known, Subscription, SubscriptionStatus, Update, View } from "./sessionstream.d.ts" */
/** @import { ErrorFrame, PositionFrame, ServerFrame, SubscribedFrame } from "./wire.d.ts" */

import { Assembly, GAP } from "./assembly.js";
import { guarded } from "./environment.js";

/** Something is missing, and is to be asked for. */
export const RESUBSCRIBE = "resubscribe";
/** It was asked for, and did not come: this connection is of no use. */
export const BROKEN = "broken";

// There is nothing to be had by asking again.
const FINAL = new Set(["subscribe_denied", "too_many_subscriptions", "protocol_error"]);

/**
 * @template S
 * @template {Update} U
 * @implements {Subscription<S>}
 */
export class Following {
  #view;
  #assembly;
  #known;
  #close;
  /** @type {S} */
  #state;
  /** @type {SubscriptionStatus} */
  #status = { state: "loading" };
  #failures = 0;
  #isClosed = false;

  /**
   * @param {string} sessionId
   * @param {View<S, U>} view
   * @param {Known | undefined} known
   * @param {() => void} close
   */
  constructor(sessionId, view, known, close) {
    this.sessionId = sessionId;
    this.#view = view;
    this.#known = known && { uiEvents: new Set(known.uiEvents), entities: new Set(known.entities) };
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
    if (this.#isClosed) return;
    this.#isClosed = true;
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
    if (position) return this.#advance(position);
    if (error) this.#fail(error);
    return null;
  }

  /** @param {import("./assembly.js").Assembled} update */
  #apply(update) {
    if (update === GAP) return this.#missed();
    const known = update && this.#keepKnown(update);
    if (!known) return null;
    const typed = /** @type {U} */ (known); // whose names are the known ones
    guarded(() => {
      this.#state = this.#view.reduce(this.#state, typed);
      if (!this.#isClosed) this.#view.show?.(this.#state, typed);
    });
    return null;
  }

  /** While it is asked for, what was on its way before goes on to be out of place. */
  #missed() {
    return this.#status.state === "live" ? RESUBSCRIBE : null;
  }

  /**
   * Returns an update without what the view has no names for; null where nothing is left.
   * @param {Update} update
   * @returns {Update | null}
   */
  #keepKnown(update) {
    const known = this.#known;
    if (!known) return update;
    if (update.type === "snapshot") {
      return { ...update, entities: update.entities.filter(({ kind }) => known.entities.has(kind)) };
    }
    const events = update.events.filter(({ name }) => known.uiEvents.has(name));
    return events.length > 0 ? { ...update, events } : null;
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
    if (this.#status.state !== "live") return null;
    return this.#assembly.advance(frame) === GAP ? this.#missed() : null;
  }

  /** @param {ErrorFrame} frame */
  #fail({ code = "", message = "" }) {
    const isFinal = FINAL.has(code);
    if (!isFinal) this.#failures++;
    this.#become({ state: isFinal ? "denied" : "failing", code, message });
  }

  /** @param {SubscriptionStatus} status */
  #become(status) {
    if (this.#isClosed) return;
    if (status.state === this.#status.state && status.state === "loading") return;
    this.#status = status;
    guarded(() => this.#view.status?.(status));
  }
}
