// A server that a test steers: it knows what was published, and answers as the real one
// does. What either side sends is on its way until the test lets one frame arrive.

/** @import { Fakes } from "./fakes.js" */

import { event, snapshot, subscribed } from "./fakes.js";

/** @typedef {Fakes["socket"]} FakeSocket */
/** @typedef {{ ordinal: number, names: string[] }} Batch */

/** One socket's server side. */
class Line {
  /** @type {any[]} */
  toServer = [];
  /** @type {object[]} */
  toClient = [];
  /** @type {number | null} */
  cursor = null; // of its subscription
  isBehind = false; // something was dropped, and the client can't know yet

  /** @param {FakeSocket} socket */
  constructor(socket) {
    this.socket = socket;
  }
}

export class FakeServer {
  #fakes;
  #random;
  /** @type {Map<FakeSocket, Line>} */
  #lines = new Map();
  #life = 0;
  head = 0;
  /** @type {Batch[]} */
  log = [];
  /** @type {Map<string, number>} */
  runs = new Map();

  /**
   * @param {Fakes} fakes
   * @param {(below: number) => number} random
   */
  constructor(fakes, random) {
    this.#fakes = fakes;
    this.#random = random;
  }

  get epoch() {
    return `e${this.#life}`;
  }

  /** What a client has to show. */
  get names() {
    return this.log.flatMap(({ names }) => names);
  }

  get #line() {
    const { socket } = this.#fakes;
    const line = this.#lines.get(socket) ?? new Line(socket);
    this.#lines.set(socket, line);
    line.toServer.push(...socket.take());
    return line;
  }

  /** Accepts the connection that is being opened, if one is. */
  accept() {
    if (this.#fakes.socket.readyState === 0) this.#fakes.socket.greet();
  }

  /**
   * @param {object} [how]
   * @param {boolean} [how.isDropped] What follows it shows a gap.
   * @param {number} [how.length] How many UI events it has.
   */
  publish({ isDropped = false, length = this.#random(4) } = {}) {
    this.head++;
    const names = Array.from({ length }, (_, at) => `${this.epoch}.${this.head}.${at}`);
    if (length === 0) return;
    const batch = { ordinal: this.head, names };
    this.log.push(batch);
    const line = this.#line;
    if (line.cursor === null) return;
    if (!isDropped) this.#send(line, batch, line.cursor);
    line.isBehind = isDropped;
    line.cursor = this.head;
  }

  tell() {
    const line = this.#line;
    const position = { sessionId: "s", epoch: this.epoch, headOrdinal: String(this.head) };
    if (line.cursor !== null && !line.isBehind) line.toClient.push({ position });
  }

  /** Loses its store: another life of the session begins. */
  reset() {
    this.#life++;
    this.head = 0;
    this.log = [];
    const line = this.#line;
    if (line.cursor !== null) this.#snapshot(line);
  }

  /** Lets the next frame to the server arrive; returns whether there was one. */
  hear() {
    const line = this.#line;
    const frame = line.toServer.shift();
    if (frame?.subscribe) this.#subscribe(line, frame.subscribe);
    if (frame?.unsubscribe) {
      line.cursor = null;
      line.toClient.push({ unsubscribed: { sessionId: "s" } });
    }
    if (frame?.ping) line.toClient.push({ pong: frame.ping });
    if (frame?.command) this.#run(line, frame.command);
    return frame !== undefined;
  }

  /** Lets the next frame to the client arrive; returns whether there was one. */
  say() {
    const line = this.#line;
    const frame = line.toClient.shift();
    if (frame) line.socket.say(frame);
    return frame !== undefined;
  }

  /** @param {Line} line */
  #subscribe(line, { mode = "", sinceSnapshotOrdinal = "0", sinceEpoch = "" }) {
    const since = Number(sinceSnapshotOrdinal);
    if (mode === "RESUME" && sinceEpoch === this.epoch && since <= this.head) {
      let previous = since - this.#random(3); // what the client has already does not hurt
      for (const batch of this.log.filter(({ ordinal }) => ordinal > previous)) {
        this.#send(line, batch, previous);
        previous = batch.ordinal;
      }
    } else {
      this.#snapshot(line);
    }
    line.cursor = this.head;
    line.isBehind = false;
    line.toClient.push(subscribed(this.head, { sessionId: "s", epoch: this.epoch }));
  }

  /** @param {Line} line */
  #snapshot(line) {
    const { epoch, names } = this;
    const half = this.#random(names.length + 1);
    const parts = half > 0 ? [names.slice(0, half), names.slice(half)] : [names];
    for (const [partIndex, ids] of parts.entries()) {
      line.toClient.push(snapshot(this.head, ids, { epoch, partIndex, partCount: parts.length }));
    }
    line.cursor = this.head;
  }

  /**
   * @param {Line} line
   * @param {Batch} batch
   * @param {number} previous
   */
  #send(line, { ordinal, names }, previous) {
    for (const [batchIndex, name] of names.entries()) {
      line.toClient.push(event(ordinal, previous, name, { batchIndex, batchSize: names.length }));
    }
  }

  /** @param {Line} line */
  #run(line, { requestId = "", commandId = "" }) {
    const ack = (/** @type {string} */ status, code = "") =>
      line.toClient.push({ commandAck: { requestId, commandId, status, code } });
    const before = this.runs.get(commandId) ?? 0;
    if (this.#random(4) === 0) return ack("REJECTED", "rate_limited");
    if (before === 0) this.runs.set(commandId, 1);
    ack(before === 0 ? "ACCEPTED" : "DUPLICATE");
    ack("COMPLETED");
  }
}
