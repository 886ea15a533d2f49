// Plays cases against the browser's runtime: the file of the first argument holds
// them, as JSON. Prints, as JSON too, by name what went wrong; null where nothing did.

import { readFileSync } from "node:fs";

import { Fakes } from "../browser/fakes.js";
import { Placeholders, withoutZeros } from "./matching.js";

/** @import { CommandError, Sent, Subscription } from "../../sessionstream/browser/js/sessionstream.d.ts" */

const KNOWN = { uiEvents: ["Set", "Blink"], entities: ["Cell"] };
const TEXT = "type.googleapis.com/google.protobuf.StringValue";
// A client answers a ping in order with all that it sends: what came before has been seen to.
const BARRIER = "everything before this was read";
const PATIENCE_MS = 10_000; // less than a heartbeat: that one would find any end
const TICK_MS = 50;

class Play {
  #fakes = new Fakes();
  #placeholders = new Placeholders();
  #stream;
  #socket;
  /** @type {any[]} */
  #heard = [];
  /** @type {Map<string, any[]>} */
  #shown = new Map();
  /** @type {Map<string, Subscription<any>>} */
  #watches = new Map();
  /** @type {Map<string, { sent: Sent, outcome: object }>} */
  #sent = new Map();

  /** @param {any} aCase */
  constructor({ token }) {
    this.#stream = this.#fakes.stream(token ? { token: () => token } : {});
    this.#socket = this.#fakes.socket;
    this.#socket.readyState = 1;
  }

  /**
   * @param {string} what
   * @param {any} value
   */
  async step(what, value) {
    const step = STEPS[what];
    if (step) await step.call(this, value);
  }

  // -- what goes over the wire

  /** @param {any} frame */
  async server(frame) {
    await this.nothingMore();
    this.#socket.say(this.#placeholders.concrete(frame));
  }

  /** @param {any} expected */
  async client(expected) {
    await this.#settle();
    await this.#until(() => this.#hear() > 0, `the client's frame ${text(expected)}`);
    const got = withoutZeros(this.#heard.shift());
    const matches = this.#placeholders.matches(withoutZeros(expected), got);
    expect(matches, this.#placeholders.filled(expected), got);
  }

  async cut() {
    await this.nothingMore();
    this.#socket.end();
  }

  async reconnect() {
    await this.cut();
    await this.#accept();
  }

  async leaves() {
    await this.#until(() => this.#socket.isClosed, "the end of the connection");
    await this.#accept();
  }

  /** @param {number} code */
  async closed(code) {
    await this.nothingMore();
    this.#socket.end(code);
  }

  async nothingMore() {
    await this.#settle();
    expect(this.#heard.length === 0, "no frame", this.#heard);
  }

  async #accept() {
    await this.#until(() => this.#fakes.socket !== this.#socket, "another connection");
    this.#socket = this.#fakes.socket;
    this.#socket.readyState = 1;
  }

  /** Returns when the client has seen to all that was said. */
  async #settle() {
    if (this.#socket.isClosed || this.#socket.readyState !== 1) return;
    await turns();
    this.#socket.say({ ping: { nonce: BARRIER } });
    this.#hear();
    this.#heard = this.#heard.filter(({ pong }) => pong?.nonce !== BARRIER);
  }

  #hear() {
    this.#heard.push(...this.#socket.take());
    return this.#heard.length;
  }

  /**
   * Lets time pass until something is so.
   * @param {() => boolean} isSo
   * @param {string} what
   */
  async #until(isSo, what) {
    for (let ms = 0; !isSo(); ms += TICK_MS) {
      if (ms > PATIENCE_MS) throw new Error(`expected ${what}; nothing came`);
      this.#fakes.pass(TICK_MS);
      await turns();
    }
  }

  // -- what the application does, and sees

  /** @param {string} sessionId */
  watch(sessionId) {
    /** @type {any[]} */
    const shown = [];
    this.#shown.set(sessionId, shown);
    const reduce = (/** @type {any} */ _, /** @type {any} */ update) => void shown.push(plain(update));
    this.#watches.set(sessionId, this.#stream.subscribe(sessionId, { initial: 0, reduce }, KNOWN));
  }

  /** @param {string} sessionId */
  unwatch(sessionId) {
    this.#watches.get(sessionId)?.close();
  }

  /** @param {any} command */
  submit({ session, name, value, id, expectedOrdinal }) {
    const expected = expectedOrdinal === undefined ? {} : { expectedOrdinal: BigInt(expectedOrdinal) };
    const payload = { "@type": TEXT, value };
    const sent = this.#stream.command(session, name, payload, { commandId: id, ...expected });
    const command = { sent, outcome: /** @type {object} */ ({ is: "open" }) };
    this.#sent.set(id, command);
    sent.completed.then(
      () => (command.outcome = { is: "completed" }),
      (/** @type {CommandError} */ { code, notRun }) =>
        (command.outcome = { is: notRun ? "not run" : "failed", code }),
    );
  }

  /** @param {any} expected */
  async outcome({ of, ...expected }) {
    await this.nothingMore();
    await turns();
    const got = this.#sent.get(of)?.outcome;
    expect(this.#placeholders.matches(expected, got), expected, got);
  }

  /** @param {any} expected */
  async shows(expected) {
    await this.nothingMore();
    for (const [sessionId, updates] of Object.entries(expected)) {
      const got = this.#shown.get(sessionId)?.splice(0);
      expect(this.#placeholders.matches(updates, got), updates, got);
    }
  }

  /** @param {any} expected */
  async refused(expected) {
    await this.nothingMore();
    for (const [sessionId, code] of Object.entries(expected)) {
      const got = /** @type {any} */ (this.#watches.get(sessionId)?.status);
      expect(got.state === "denied" && got.code === code, code, got);
    }
  }

  /** @param {string} expected */
  async state(expected) {
    await this.nothingMore();
    const got = STATES[this.#fakes.state.state];
    expect(got === expected, expected, this.#fakes.states);
  }
}

/** @type {Record<string, string>} */
const STATES = {
  connecting: "connecting",
  waiting: "connecting",
  live: "connected",
  denied: "ended",
};

/** @type {Record<string, (this: Play, value: any) => void | Promise<void>>} */
const STEPS = {
  server: Play.prototype.server,
  client: Play.prototype.client,
  cut: Play.prototype.cut,
  reconnect: Play.prototype.reconnect,
  restart: Play.prototype.reconnect,
  leaves: Play.prototype.leaves,
  closed: Play.prototype.closed,
  watch: Play.prototype.watch,
  unwatch: Play.prototype.unwatch,
  submit: Play.prototype.submit,
  outcome: Play.prototype.outcome,
  shows: Play.prototype.shows,
  refused: Play.prototype.refused,
  state: Play.prototype.state,
};

/** @param {any} update */
function plain({ type, ordinal, entities, events }) {
  if (type === "snapshot") {
    const cells = entities.map((/** @type {any} */ { id, payload }) => `${id}=${payload.value}`);
    return { snapshot: String(ordinal), cells };
  }
  const ui = events.map((/** @type {any} */ { name, payload }) => `${name} ${payload.value}`);
  return { event: String(ordinal), ui };
}

/** Lets promises that are done go on. */
function turns() {
  return new Promise((resolve) => setImmediate(resolve));
}

/** @param {unknown} value */
function text(value) {
  return JSON.stringify(value);
}

/**
 * @param {boolean} isSo
 * @param {unknown} expected
 * @param {unknown} got
 */
function expect(isSo, expected, got) {
  if (!isSo) throw new Error(`expected ${text(expected)}; got ${text(got)}`);
}

/**
 * @param {any} aCase
 * @returns {Promise<string | null>}
 */
async function failure(aCase) {
  const play = new Play(aCase);
  let number = 0;
  try {
    for (const step of aCase.steps) {
      number++;
      for (const [what, value] of Object.entries(step)) await play.step(what, value);
    }
    await play.nothingMore();
    return null;
  } catch (error) {
    return `step ${number}: ${error instanceof Error ? error.message : error}`;
  }
}

const cases = JSON.parse(readFileSync(process.argv[2] ?? "", "utf-8"));
/** @type {Record<string, string | null>} */
const found = {};
for (const each of cases) found[each.name] = await failure(each);
console.log(JSON.stringify(found));
process.exit(0);
