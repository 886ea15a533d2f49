// One WebSocket, from its opening to its end. A link that was dropped or lost
// never calls its listener again, whatever its socket still delivers.

/** @import { Environment, Socket } from "./sessionstream.d.ts" */
/** @import { ClientFrame, ServerFrame } from "./wire.d.ts" */

import { guarded } from "./environment.js";

const PROTOCOL = "sessionstream.v2.json";
const OPENING_MS = 10_000;
const CONNECTING = 0; // as WebSocket.CONNECTING
const OPEN = 1;

/**
 * @typedef {object} LinkListener
 * @property {(frame: ServerFrame) => void} frame
 * @property {() => void} alive It was asked, or silent, and is there.
 * @property {(code: number) => void} lost With the code of the close, or 1006.
 */

export class Link {
  #environment;
  /** @type {LinkListener | null} */
  #listener;
  /** @type {Socket} */
  #socket;
  /** @type {unknown} */
  #alarm = null;
  #alarmAt = 0;
  #beatMs = 0;
  #isQuiet = false; // nothing has come since the alarm was set
  #isAsked = false; // and a ping has gone out

  /**
   * @param {string} url
   * @param {Environment} environment
   * @param {LinkListener} listener
   */
  constructor(url, environment, listener) {
    this.#environment = environment;
    this.#listener = listener;
    this.#socket = environment.connect(url, PROTOCOL);
    this.#socket.onmessage = (/** @type {{ data: unknown }} */ event) => this.#receive(event.data);
    this.#socket.onclose = (/** @type {{ code?: number }} */ event) => this.#lose(event.code ?? 1006);
    this.#alarm = environment.setTimeout(() => this.#lose(1006), OPENING_MS);
  }

  /** Whether there is no connection yet. */
  get isOpening() {
    return this.#socket.readyState === CONNECTING;
  }

  /**
   * Sends a frame; returns whether the socket took it.
   * @param {ClientFrame} frame
   */
  send(frame) {
    if (!this.#listener || this.#socket.readyState !== OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /**
   * From now on asks after so long a silence, and is lost after as long again. A dead
   * network closes no socket.
   * @param {number} ms
   */
  beat(ms) {
    this.#beatMs = ms;
    this.#isQuiet = this.#isAsked = false;
    this.#listenOn(ms);
  }

  /**
   * Asks now; is lost unless something comes within the time.
   * @param {number} ms
   */
  probe(ms) {
    if (!this.#beatMs) return; // its opening has a limit of its own
    const isAsked = this.#isQuiet && this.#isAsked;
    if (isAsked && this.#alarmAt <= this.#environment.now() + ms) return;
    if (!isAsked) this.#ask();
    this.#listenOn(ms);
  }

  /** Ends it. */
  drop() {
    this.#environment.clearTimeout(this.#alarm);
    this.#listener = null;
    this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
  }

  #ask() {
    this.#isQuiet = this.#isAsked = true;
    this.send({ ping: { nonce: String(this.#environment.now()) } });
  }

  /** @param {number} ms */
  #listenOn(ms) {
    this.#environment.clearTimeout(this.#alarm);
    this.#alarmAt = this.#environment.now() + ms;
    this.#alarm = this.#environment.setTimeout(() => this.#checkPulse(), ms);
  }

  #checkPulse() {
    if (this.#isQuiet && this.#isAsked) return this.#lose(1006);
    this.#listenOn(this.#beatMs);
    if (this.#isQuiet) return this.#ask();
    this.#isQuiet = true;
    this.#listener?.alive();
  }

  /** @param {unknown} data */
  #receive(data) {
    const frame = parsed(data);
    if (!frame) return this.#lose(1006);
    this.#isQuiet = this.#isAsked = false;
    if (frame.ping) this.send({ pong: frame.ping });
    else if (frame.pong) this.#listener?.alive();
    else this.#hand(frame);
  }

  /**
   * What the application does wrong does not come up to here: an error is the frame's.
   * @param {ServerFrame} frame
   */
  #hand(frame) {
    try {
      this.#listener?.frame(frame);
    } catch (error) {
      guarded(() => {
        throw error;
      });
      this.#lose(1006);
    }
  }

  /** @param {number} code */
  #lose(code) {
    const listener = this.#listener;
    this.drop();
    listener?.lost(code);
  }
}

/**
 * @param {unknown} data
 * @returns {ServerFrame | null}
 */
function parsed(data) {
  try {
    const value = JSON.parse(String(data));
    return value && typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}
