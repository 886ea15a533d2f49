// The connection as a whole: one link at a time, the sessions that are followed on
// it, the commands that go out on it, and when the next one is tried.

/** @import { CommandOptions, ConnectionState, Environment, Known, Sent } from "./sessionstream.d.ts" */
/** @import { StreamOptions, Subscription, Update, View } from "./sessionstream.d.ts" */
/** @import { ClientFrame, ErrorFrame, HelloFrame, ServerFrame } from "./wire.d.ts" */

import { Commands } from "./commands.js";
import { browser, guarded, watchPage } from "./environment.js";
import { randomId } from "./ids.js";
import { Link } from "./link.js";
import { Login } from "./login.js";
import { Pauses } from "./pauses.js";
import { Sessions } from "./sessions.js";

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
  #isDoubted = false; // the browser has lost the network since, and nothing has proved it wrong
  #maxFrameBytes = Infinity;
  /** @type {unknown} */
  #timer = null;
  #sessions;
  #commands;

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
    const send = (/** @type {ClientFrame} */ frame) => this.#link?.send(frame) ?? false;
    const later = this.#pauses.later.bind(this.#pauses);
    // A command that has not left can be taken back: none goes where it may be lost.
    this.#commands = new Commands({ send: (frame) => !this.#isDoubted && send(frame), later });
    this.#sessions = new Sessions({
      send,
      later,
      changed: () => this.#settle(),
      broken: () => this.#retryLater(),
    });
    this.#open();
    this.#unwatch = watchPage(this.#environment.page, {
      wake: () => this.#isOver || this.reconnect(),
      sleep: () => this.#sleep(),
      online: () => this.#comeOnline(),
      offline: () => this.#goOffline(),
    });
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
    if (this.#state.state === "closed") throw new Error("The connection was closed.");
    return this.#sessions.follow(sessionId, view, known);
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

  /** An attempt that began without a network may hang for long. */
  #comeOnline() {
    if (this.#isOver) return;
    if (this.#link?.isOpening) return this.#open();
    if (this.#isDoubted) this.#become({ state: "connecting" });
    this.reconnect();
  }

  /** The server may be on this machine: what answers is live all the same. */
  #goOffline() {
    if (this.#isOver || !this.#link) return this.#showWaiting();
    this.#isDoubted = true;
    this.#become({ state: "offline", retryAt: this.#environment.now() + PROBE_MS });
    this.#link?.probe(PROBE_MS);
  }

  #trust() {
    if (!this.#isDoubted) return;
    this.#isDoubted = false;
    this.#commands.flush();
    this.#settle();
  }

  get #isOffline() {
    return this.#environment.page?.navigator.onLine === false;
  }

  get #isOver() {
    return this.#state.state === "closed" || this.#state.state === "denied";
  }

  #open() {
    this.#abandon();
    // Without a network an attempt is none to speak of, unless the server is on this machine.
    const retryAt = this.#environment.now();
    this.#become(this.#isOffline ? { state: "offline", retryAt } : { state: "connecting" });
    if (this.#isOver) return; // its listener has ended it
    const link = new Link(this.#url, this.#environment, {
      frame: (frame) => this.#receive(link, frame),
      alive: () => this.#trust(),
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
    this.#isGreeted = this.#isDoubted = false;
    this.#sessions.interrupt();
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
    this.#become({ state: this.#isOffline ? "offline" : "waiting", retryAt: this.#pauses.until });
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
    const { snapshot, uiEvent, subscribed, position, error } = frame;
    if (error?.code === "unauthenticated") return this.#refused(error);
    const about = snapshot ?? uiEvent ?? subscribed ?? unsubscribed ?? position ?? error;
    if (about?.sessionId) this.#sessions.receive(about.sessionId, frame);
    else if (error) this.#refused(error);
  }

  /**
   * @param {Link} link
   * @param {HelloFrame} hello
   */
  #greet(link, { limits, pingIntervalMs, authenticationRequired }) {
    this.#isDoubted = false;
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
    this.#sessions.open();
    this.#commands.attach(this.#maxFrameBytes);
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
    this.#commands.expectEnd();
    this.#pauses.leaveWithin(withinMs);
    this.#environment.clearTimeout(this.#timer);
    this.#timer = this.#environment.setTimeout(() => this.#open(), this.#pauses.remaining());
  }

  #settle() {
    if (!this.#isGreeted || this.#isDoubted || this.#state.state === "live") return;
    if (!this.#sessions.isSettled) return;
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
