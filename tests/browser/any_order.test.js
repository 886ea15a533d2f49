// Whatever comes in between: the client shows what the server's history says, applies
// nothing twice, and knows what became of its commands. A failure names its seed.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Fakes } from "./fakes.js";
import { FakeServer } from "./server.js";

/** @import { Sent } from "../../sessionstream/browser/js/sessionstream.d.ts" */

const SEEDS = 1000;
const STEPS = 120;

/**
 * Returns a source of whole numbers below a limit (mulberry32).
 * @param {number} seed
 */
function randomFrom(seed) {
  let state = seed;
  return (/** @type {number} */ below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Shows names in order; a name that comes twice, or out of order, is a failure. */
class Shown {
  /** @type {string[]} */
  initial = [];
  /** @type {string[]} */
  faults = [];

  /**
   * @param {string[]} names
   * @param {any} update
   */
  reduce = (names, update) => {
    if (update.type === "snapshot") return update.entities.map((/** @type {any} */ { id }) => id);
    for (const { name } of update.events) {
      if (names.includes(name)) this.faults.push(`${name} twice`);
    }
    return [...names, ...update.events.map((/** @type {any} */ { name }) => name)];
  };
}

class Play {
  fakes = new Fakes();
  view = new Shown();
  /** @type {Sent[]} */
  commands = [];

  /** @param {number} seed */
  constructor(seed) {
    this.random = randomFrom(seed);
    this.stream = this.fakes.stream();
    this.server = new FakeServer(this.fakes, this.random);
    this.session = this.stream.subscribe("s", this.view);
  }

  step() {
    const { fakes, server, stream } = this;
    const trouble = [
      () => this.random(4) === 0 && server.reset(),
      () => this.#cut(),
      () => fakes.pass(this.random(60_000)),
      () => fakes.page.fire("document", this.random(3) ? "resume" : "freeze"),
      () => fakes.page.fire("window", this.random(2) ? "offline" : "online"),
      () => this.#leave(),
    ];
    const steps = [
      () => server.say(),
      () => server.say(),
      () => server.say(),
      () => server.hear(),
      () => server.hear(),
      () => server.accept(),
      () => server.publish(),
      () => server.publish({ isDropped: true }),
      () => server.tell(),
      () => fakes.pass(this.random(1000)),
      () => stream.reconnect(),
      () => this.commands.push(stream.command("s", "Do", {})),
      () => trouble[this.random(trouble.length)]?.(),
    ];
    steps[this.random(steps.length)]?.();
  }

  /** Lets all arrive that is on its way, and what follows from it. */
  settle() {
    this.fakes.page.fire("window", "online");
    this.fakes.page.fire("document", "resume");
    for (let turn = 0; turn < 400; turn++) {
      this.server.accept();
      while (this.server.hear() || this.server.say());
      this.fakes.pass(1000);
    }
  }

  #cut() {
    if (this.fakes.socket.readyState < 3) this.fakes.socket.end();
  }

  #leave() {
    this.session.close();
    this.session = this.stream.subscribe("s", this.view);
  }
}

describe("a client", () => {
  test(`shows what the history says after ${SEEDS} histories of troubles`, () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const play = new Play(seed);
      for (let step = 0; step < STEPS; step++) play.step();
      play.settle();
      play.server.publish({ length: 1 }); // it shows a gap that nothing has followed
      play.settle();
      const { server, session, stream, view } = play;
      assert.deepEqual(view.faults, [], `seed ${seed}`);
      assert.deepEqual([stream.state.state, session.status.state], ["live", "live"], `seed ${seed}`);
      assert.deepEqual(session.state, server.names, `seed ${seed}`);
      for (const { commandId, status } of play.commands) {
        const hasRun = server.runs.has(commandId);
        assert.equal(status, hasRun ? "completed" : "failed", `seed ${seed}`);
      }
      stream.close();
      assert.equal(play.fakes.timers, 0, `seed ${seed}`);
    }
  });
});
