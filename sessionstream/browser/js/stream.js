// The connection as a whole: one link at a time, the sessions that are followed on
// it, the commands that go out on it, and when the next one is tried.

/** @import { CommandOptions, ConnectionState, Environment, Known, Sent } from "./sessionstream.d.ts" */
/** @import { StreamOptions, Subscription, Update, View } from "./sessionstream.d.ts" */
/** @import { ErrorFrame, HelloFrame, ServerFrame } from "./wire.d.ts" */

import { Commands } from "./commands.js";
import { browser, guarded, randomId, watchPage } from "./environment.js";
import { BROKEN, Following, RESUBSCRIBE } from "./following.js";
import { Link } from "./link.js";
import { Login } from "./login.js";
import { Pauses } from "./pauses.js";

const PULSE_MS = 15_000; // where the server names no interval
const PROBE_MS = 3_000;
const UNAUTHENTICATED = 4401; // as the server's close codes are
const REVOKED = 4403;

export class SessionStream {
  #url;
  #options;
  /** @type {Environment} */
  #environment;
  #pauses;
  #unwatch;
  /** @type {ConnectionState} */
  #state = { state: "connecting" };
  /** @type {Link | null} */
  #link = null;
  #login;
  #isGreeted = false; // this link's hello has come, and the client is known
  #maxFrameBytes = Infinity;
  /** @type {unknown} */
  #timer = null;
  /** @type {Map<string, Following<any, any>>} */
  #sessions = new Map();
  // Frames about a session are of its former subscription until the server has confirmed its end.
  /** @type {Set<string>} */
  #leaving = new Set();
  #commands = new Commands();

  /**
   * @param {string | URL} url
   * @param {StreamOptions} options
   */
  constructor(url, options = {}) {
    this.#url = socketUrl(url);
    this.#options = options;
    this.#environment = { ...browser(), ...options.environment };
    this.#pauses = new Pauses(this.#environment, options.backoffMs);
    this.#login = new Login(this.#environment, options.token);
    this.#unwatch = watchPage(this.#environment.page, {
      wake: () => this.#isOver || this.reconnect(),
      sleep: () => this.#sleep(),
      offline: () => (this.#link ? this.#link.probe(PROBE_MS) : this.#showWaiting()),
    });
    this.#open();
  }

  get state() {
    return this.#state;
  }

  /**
   * @template S
   * @template {Update} U
   * @param {string} sessionId
   * @param {View<S, U>} view
   * @param {Known} [known]
   * @returns {Subscription<S>}
   */
  subscribe(sessionId, view, known) {
    if (this.#sessions.has(sessionId)) throw new Error(`${sessionId} is followed already`);
    const following = new Following(sessionId, view, known, () => this.#leave(following));
    this.#sessions.set(sessionId, following);
    if (this.#isGreeted) this.#restart(following);
    return following;
  }

  /**
   * @param {string} sessionId
   * @param {string} name
   * @param {object} payload
   * @param {CommandOptions} options
   * @returns {Sent}
   */
  command(sessionId, name, payload, { commandId = randomId(), expectedOrdinal, onStatus } = {}) {
    const expected = expectedOrdinal === undefined ? {} : { expectedOrdinal: String(expectedOrdinal) };
    const command = this.#commands.add({ commandId, sessionId, name, payload, ...expected }, onStatus);
    if (this.#isOver) command.fail(this.#state.state, "There is no connection.", true);
    else this.#transmit(command);
    return command;
  }

  reconnect() {
    if (this.#state.state === "closed") return;
    if (this.#link) this.#link.probe(PROBE_MS);
    else this.#open();
  }

  close() {
    if (this.#state.state === "closed") return;
    this.#unwatch();
    this.#abandon();
    this.#become({ state: "closed" });
    this.#sessions.clear();
    this.#commands.failAll("closed", "The connection was closed.");
  }

  get #isOver() {
    return this.#state.state === "closed" || this.#state.state === "denied";
  }

  #open() {
    this.#abandon();
    this.#become({ state: "connecting" });
    const link = new Link(this.#url, this.#environment, {
      frame: (frame) => this.#receive(link, frame),
      lost: (code) => this.#lost(code),
    });
    this.#link = link;
  }

  /** Leaves nothing of the present link behind. */
  #abandon() {
    this.#environment.clearTimeout(this.#timer);
    this.#login.forget();
    this.#link?.drop();
    this.#link = null;
    this.#isGreeted = false;
    this.#leaving.clear();
    this.#commands.detach();
  }

  /** @param {number} code */
  #lost(code) {
    if (code === REVOKED) return this.#deny("revoked", "The server has ended this connection.");
    if (code === UNAUTHENTICATED && !this.#options.token) {
      return this.#deny("unauthenticated", "The server does not know who this is.");
    }
    this.#retryLater();
  }

  #retryLater() {
    this.#abandon();
    this.#pauses.failed();
    this.#timer = this.#environment.setTimeout(() => this.#open(), this.#pauses.remaining());
    this.#showWaiting();
  }

  #showWaiting() {
    if (this.#link || this.#isOver) return;
    const isOffline = this.#environment.page?.navigator.onLine === false;
    this.#become({ state: isOffline ? "offline" : "waiting", retryAt: this.#pauses.until });
  }

  /** A tab that sleeps can't read; it asks for what it missed when it wakes. */
  #sleep() {
    if (this.#isOver) return;
    this.#abandon();
    this.#become({ state: "waiting", retryAt: this.#environment.now() });
  }

  /**
   * @param {string} code
   * @param {string} message
   */
  #deny(code, message) {
    this.#abandon();
    this.#become({ state: "denied", code, message });
    this.#commands.failAll("denied", message);
  }

  /**
   * @param {Link} link
   * @param {ServerFrame} frame
   */
  #receive(link, frame) {
    const { hello, goAway, authenticated, commandAck, unsubscribed } = frame;
    if (hello) return this.#greet(link, hello);
    if (authenticated) return this.#welcome(link, Number(authenticated.expiresInMs ?? 0));
    if (goAway) return this.#moveOn(goAway.reconnectWithinMs ?? 0);
    if (commandAck) return this.#commands.acknowledge(commandAck);
    if (unsubscribed) return this.#left(unsubscribed.sessionId ?? "");
    const sessionId = (frame.snapshot ?? frame.uiEvent ?? frame.subscribed ?? frame.position ?? frame.error)
      ?.sessionId;
    if (sessionId) this.#pass(sessionId, frame);
    else if (frame.error) this.#refused(frame.error);
  }

  /**
   * @param {Link} link
   * @param {HelloFrame} hello
   */
  #greet(link, { limits, pingIntervalMs, authenticationRequired }) {
    this.#maxFrameBytes = limits?.maxClientFrameBytes || Infinity;
    link.beat(pingIntervalMs || PULSE_MS);
    if (!authenticationRequired) return this.#welcome(link, 0);
    if (!this.#options.token) return this.#refused({ code: "unauthenticated" });
    this.#login.send(link, () => this.#retryLater());
  }

  /**
   * @param {Link} link
   * @param {number} expiresInMs
   */
  #welcome(link, expiresInMs) {
    this.#login.renewBefore(expiresInMs, link, () => this.#retryLater());
    if (this.#isGreeted) return;
    this.#isGreeted = true;
    for (const following of this.#sessions.values()) this.#restart(following);
    for (const command of this.#commands.pending) this.#transmit(command);
    this.#settle();
  }

  /** @param {ErrorFrame} error */
  #refused({ code = "", message = "" }) {
    if (code === "unauthenticated") {
      this.#deny(code, message || "The server asks for a token.");
    } else if (!this.#isGreeted) {
      this.#retryLater();
    }
  }

  /**
   * The others on this server leave too: each at a moment of its own.
   * @param {number} withinMs
   */
  #moveOn(withinMs) {
    this.#pauses.leaveWithin(withinMs);
    this.#environment.clearTimeout(this.#timer);
    this.#timer = this.#environment.setTimeout(() => this.#open(), this.#pauses.remaining());
  }

  /**
   * @param {string} sessionId
   * @param {ServerFrame} frame
   */
  #pass(sessionId, frame) {
    if (this.#leaving.has(sessionId)) return frame.error && this.#left(sessionId);
    const following = this.#sessions.get(sessionId);
    if (!following) return;
    const found = following.receive(frame);
    if (found === BROKEN) return this.#retryLater();
    if (found === RESUBSCRIBE) this.#restart(following);
    else if (frame.error && following.status.state === "failing") this.#askAgain(following);
    this.#settle();
  }

  /** @param {Following<any, any>} following */
  #askAgain(following) {
    const link = this.#link;
    const again = () => {
      const isCurrent = link === this.#link && this.#sessions.get(following.sessionId) === following;
      if (isCurrent && following.status.state === "failing") this.#restart(following);
    };
    this.#environment.setTimeout(again, this.#pauses.after(following.failures));
  }

  /** @param {Following<any, any>} following */
  #restart(following) {
    const request = following.restart();
    if (!this.#leaving.has(following.sessionId)) this.#link?.send(request);
  }

  /** @param {Following<any, any>} following */
  #leave(following) {
    const { sessionId } = following;
    if (this.#sessions.get(sessionId) !== following) return;
    this.#sessions.delete(sessionId);
    if (!this.#isGreeted || this.#leaving.has(sessionId)) return;
    if (this.#link?.send({ unsubscribe: { sessionId } })) this.#leaving.add(sessionId);
    this.#settle();
  }

  /** @param {string} sessionId */
  #left(sessionId) {
    const following = this.#sessions.get(sessionId);
    if (this.#leaving.delete(sessionId) && following) this.#restart(following);
  }

  /** @param {import("./commands.js").PendingCommand} command */
  #transmit(command) {
    if (!this.#isGreeted || command.status === "failed") return;
    const frame = { command: this.#commands.request(command) };
    if (new TextEncoder().encode(JSON.stringify(frame)).length > this.#maxFrameBytes) {
      command.fail("too_large", "The server takes no command that large.", true);
    } else if (this.#link?.send(frame)) {
      command.markSent();
    }
  }

  #settle() {
    if (!this.#isGreeted || this.#state.state !== "connecting") return;
    for (const { status } of this.#sessions.values()) if (status.state === "loading") return;
    this.#pauses.succeeded();
    this.#become({ state: "live" });
  }

  /** @param {ConnectionState} state */
  #become(state) {
    this.#state = state;
    guarded(() => this.#options.onState?.(state));
  }
}

/**
 * @param {string | URL} url
 * @returns {string}
 */
function socketUrl(url) {
  const absolute = new URL(url, typeof location === "undefined" ? undefined : location.href);
  absolute.protocol = absolute.protocol.replace(/^http/, "ws");
  return absolute.href;
}
