// A browser that the test steers: sockets, a clock, the life of a tab.

import { SessionStream } from "../../sessionstream/browser/js/sessionstream.js";

class FakeSocket {
  readyState = 0;
  /** @type {any[]} */
  sent = [];
  onopen = null;
  /** @type {((event: any) => void) | null} */
  onmessage = null;
  /** @type {((event: any) => void) | null} */
  onclose = null;
  isClosed = false;

  /** @param {string} text */
  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.isClosed = true;
    this.readyState = 3;
  }

  /** @param {object} [hello] */
  greet(hello = {}) {
    this.readyState = 1;
    this.say({ hello: { connectionId: "c", ...hello } });
  }

  /** @param {...object} frames */
  say(...frames) {
    for (const frame of frames) this.onmessage?.({ data: JSON.stringify(frame) });
  }

  end(code = 1006) {
    this.readyState = 3;
    this.onclose?.({ code });
  }

  /** Returns what was sent since the last call. */
  take() {
    return this.sent.splice(0);
  }
}

class FakePage {
  window = new EventTarget();
  document = Object.assign(new EventTarget(), { hidden: false });
  navigator = { onLine: true };

  /**
   * @param {"window" | "document"} target
   * @param {string} type
   */
  fire(target, type) {
    this[target].dispatchEvent(new Event(type));
  }
}

export class Fakes {
  /** @type {FakeSocket[]} */
  sockets = [];
  /** @type {object[]} */
  states = [];
  page = new FakePage();
  time = 1_000_000;
  chance = 0.5;
  /** @type {Map<number, { at: number, run: () => void }>} */
  #timers = new Map();
  #count = 0;

  /** @returns {import("../../sessionstream/browser/js/sessionstream.d.ts").Environment} */
  get environment() {
    return {
      connect: () => {
        const socket = new FakeSocket();
        this.sockets.push(socket);
        return socket;
      },
      setTimeout: (run, ms) => {
        this.#timers.set(++this.#count, { at: this.time + ms, run });
        return this.#count;
      },
      clearTimeout: (timer) => void this.#timers.delete(/** @type {number} */ (timer)),
      now: () => this.time,
      random: () => this.chance,
      page: this.page,
    };
  }

  /** @param {object} [options] */
  stream(options = {}) {
    return new SessionStream("ws://server/ws", {
      environment: this.environment,
      onState: (state) => this.states.push(state),
      ...options,
    });
  }

  /** The socket that was opened last. */
  get socket() {
    const last = this.sockets.at(-1);
    if (!last) throw new Error("no socket was opened");
    return last;
  }

  get state() {
    return /** @type {any} */ (this.states.at(-1));
  }

  get timers() {
    return this.#timers.size;
  }

  /**
   * Lets time pass, with all that is due in it.
   * @param {number} ms
   */
  pass(ms) {
    const end = this.time + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end);
      const [first] = due.sort(([, a], [, b]) => a.at - b.at);
      if (!first) break;
      this.#timers.delete(first[0]);
      this.time = first[1].at;
      first[1].run();
    }
    this.time = end;
  }
}

/** Keeps every update that it was given, and the statuses. */
export function recorder() {
  /** @type {any[]} */
  const statuses = [];
  return {
    statuses,
    initial: /** @type {any[]} */ ([]),
    reduce: (/** @type {any[]} */ seen, /** @type {any} */ update) => [...seen, plain(update)],
    status: (/** @type {any} */ status) => statuses.push(status.state),
  };
}

// Short forms: what a test compares with.
function plain(/** @type {any} */ { type, ordinal, entities, events }) {
  if (type === "snapshot") return `snapshot ${ordinal}: ${entities.map((/** @type {any} */ e) => e.id)}`;
  return `${ordinal}: ${events.map((/** @type {any} */ e) => e.name)}`;
}

/**
 * @param {number | bigint} ordinal
 * @param {string[]} ids
 */
export function snapshot(ordinal, ids = [], more = {}) {
  const entities = ids.map((id) => ({ kind: "K", id, payload: { "@type": "t/p.K", id } }));
  return {
    snapshot: { sessionId: "s", snapshotOrdinal: String(ordinal), entities, epoch: "e", ...more },
  };
}

/**
 * @param {number | bigint} ordinal
 * @param {number | bigint} previous
 * @param {string} name
 */
export function event(ordinal, previous, name, more = {}) {
  return {
    uiEvent: {
      sessionId: "s",
      eventOrdinal: String(ordinal),
      previousOrdinal: String(previous),
      name,
      payload: { "@type": "t/p.U" },
      batchIndex: 0,
      batchSize: 1,
      ...more,
    },
  };
}

/** @param {number | bigint} head */
export function subscribed(head, more = {}) {
  return { subscribed: { sessionId: "s", epoch: "e", headOrdinal: String(head), ...more } };
}

/** A stream that follows "s" up to the ordinal 1, and what its view was given. */
export function live(options = {}) {
  const fakes = new Fakes();
  const stream = fakes.stream(options);
  const view = recorder();
  const session = stream.subscribe("s", view);
  fakes.socket.greet();
  fakes.socket.say(snapshot(1, ["a"]), subscribed(1));
  fakes.socket.take();
  return { fakes, stream, session, view };
}
