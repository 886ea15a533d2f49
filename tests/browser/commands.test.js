import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Fakes, live, subscribed } from "./fakes.js";

/**
 * @param {any} frame
 * @param {string} status
 */
function ack({ command }, status, more = {}) {
  const { requestId, commandId, sessionId } = command;
  return { commandAck: { requestId, commandId, sessionId, status, headOrdinal: "7", ...more } };
}

/** @param {any} options */
function sent(options = {}) {
  const { fakes, stream } = live();
  /** @type {string[]} */
  const statuses = [];
  const onStatus = (/** @type {string} */ status) => void statuses.push(status);
  const command = stream.command("s", "Do", { "@type": "t/p.Do" }, { onStatus, ...options });
  const [frame] = fakes.socket.take();
  return { fakes, stream, command, statuses, frame };
}

/** @param {Promise<any>} promise */
const failure = (promise) => promise.then(() => assert.fail("it succeeded"), (error) => error);

/** @param {Fakes} fakes */
function comeBack(fakes) {
  fakes.socket.end();
  fakes.pass(fakes.state.retryAt - fakes.time);
  fakes.socket.greet();
  fakes.socket.say(subscribed(1));
}

/** @param {Fakes} fakes */
const commands = (fakes) => fakes.socket.take().filter((frame) => frame.command);

describe("a command that is refused for now", () => {
  for (const code of ["rate_limited", "unavailable"]) {
    test(`(${code}) is sent again after a pause where it may have run already`, async () => {
      const { fakes, command } = sent();
      comeBack(fakes);
      for (let refusals = 0; refusals < 2; refusals++) {
        const [again] = commands(fakes);
        fakes.socket.say(ack(again, "REJECTED", { code }));
        assert.equal(command.status, "sent");
        fakes.pass(500);
      }
      const [last] = commands(fakes);
      fakes.socket.say(ack(last, "COMPLETED"));
      await command.completed;
      assert.equal(command.status, "completed");
    });

    test(`(${code}) fails where it was not sent before`, async () => {
      const { fakes, command, frame } = sent();
      fakes.socket.say(ack(frame, "REJECTED", { code }));
      const error = await failure(command.completed);
      assert.deepEqual([error.code, error.notRun], [code, true]);
    });
  }

  test("is sent at once on the next connection, and once", () => {
    const { fakes } = sent();
    comeBack(fakes);
    const [again] = commands(fakes);
    fakes.socket.say(ack(again, "REJECTED", { code: "rate_limited" }));
    comeBack(fakes);
    fakes.pass(5000);
    const [third, ...more] = commands(fakes);
    assert.equal(more.length, 0);
    fakes.socket.say(ack(third, "REJECTED", { code: "rate_limited" }));
    fakes.pass(500);
    assert.equal(commands(fakes).length, 1);
  });

  test("is sent again also where another was refused on the connection before", () => {
    const { fakes, stream } = sent();
    stream.command("s", "Do", {});
    comeBack(fakes);
    fakes.socket.say(ack(commands(fakes)[0], "REJECTED", { code: "rate_limited" }));
    comeBack(fakes);
    fakes.socket.say(ack(commands(fakes)[1], "REJECTED", { code: "rate_limited" }));
    fakes.pass(500);
    assert.equal(commands(fakes).length, 1);
  });

  test("leaves no timer behind when the stream is closed", () => {
    const { fakes, stream } = sent();
    comeBack(fakes);
    fakes.socket.say(ack(commands(fakes)[0], "REJECTED", { code: "rate_limited" }));
    stream.close();
    assert.equal(fakes.timers, 0);
  });

  test("by a server that ends waits for the next one", () => {
    const { fakes, stream } = live();
    fakes.socket.say({ goAway: { reconnectWithinMs: 4000 } });
    const command = stream.command("s", "Do", {});
    const [frame] = commands(fakes);
    fakes.socket.say(ack(frame, "REJECTED", { code: "unavailable" }));
    assert.equal(command.status, "sent");
    fakes.pass(2000);
    fakes.socket.greet();
    assert.equal(commands(fakes)[0].command.commandId, command.commandId);
    const other = stream.command("s", "Do", {});
    fakes.socket.say(ack(commands(fakes)[0], "REJECTED", { code: "unavailable" }));
    assert.equal(other.status, "failed");
  });

  test("for good, after it was sent before, may have run", async () => {
    const { fakes, command } = sent();
    comeBack(fakes);
    const [again] = commands(fakes);
    fakes.socket.say(ack(again, "REJECTED", { code: "command_denied" }));
    assert.equal((await failure(command.completed)).notRun, false);
  });
});

describe("a command", () => {
  test("goes out at once and is followed to its end", async () => {
    const { fakes, command, statuses, frame } = sent({ commandId: "id", expectedOrdinal: 2n ** 60n });
    assert.deepEqual(frame.command, {
      requestId: "1",
      commandId: "id",
      sessionId: "s",
      name: "Do",
      payload: { "@type": "t/p.Do" },
      expectedOrdinal: String(2n ** 60n),
    });
    fakes.socket.say(ack(frame, "ACCEPTED"));
    assert.deepEqual(await command.accepted, { commandId: "id", headOrdinal: 7n });
    fakes.socket.say(ack(frame, "COMPLETED"));
    assert.deepEqual(await command.completed, { commandId: "id", headOrdinal: 7n });
    fakes.socket.say(ack(frame, "FAILED"));
    assert.deepEqual(statuses, ["sent", "accepted", "completed"]);
  });

  test("has an id of its own", () => {
    const { stream, command } = sent();
    assert.match(command.commandId, /^[0-9a-f]{32}$/);
    assert.notEqual(stream.command("s", "Do", {}).commandId, command.commandId);
  });

  test("waits for a connection, and can be taken back until then", async () => {
    const fakes = new Fakes();
    const stream = fakes.stream();
    const [kept, withdrawn] = ["a", "b"].map((commandId) => stream.command("s", "Do", {}, { commandId }));
    assert.equal(kept?.status, "waiting");
    assert.equal(withdrawn?.cancel(), true);
    fakes.socket.greet();
    assert.deepEqual(fakes.socket.take().map((frame) => frame.command.commandId), ["a"]);
    assert.equal(kept?.cancel(), false);
    const error = await failure(/** @type {any} */ (withdrawn).completed);
    assert.deepEqual([error.code, error.notRun], ["cancelled", true]);
  });

  for (const acknowledged of [false, true]) {
    test(`is sent again after a loss, ${acknowledged ? "accepted" : "unanswered"}, under its id`, async () => {
      const { fakes, command, frame } = sent();
      if (acknowledged) fakes.socket.say(ack(frame, "ACCEPTED"));
      fakes.socket.end();
      fakes.pass(250);
      fakes.socket.greet();
      fakes.socket.say(subscribed(1));
      const [again] = fakes.socket.take().filter((each) => each.command);
      assert.equal(again.command.commandId, command.commandId);
      assert.notEqual(again.command.requestId, frame.command.requestId);
      fakes.socket.say(ack(again, "DUPLICATE"), ack(again, "COMPLETED"));
      await command.completed;
    });
  }

  test("keeps its place among the others when they are sent again", () => {
    const { fakes, stream } = live();
    for (const commandId of ["a", "b", "c"]) stream.command("s", "Do", {}, { commandId });
    fakes.socket.end();
    fakes.pass(250);
    fakes.socket.greet();
    const ids = fakes.socket.take().flatMap((frame) => frame.command?.commandId ?? []);
    assert.deepEqual(ids, ["a", "b", "c"]);
  });

  test("is not ended by the acknowledgement of an older connection", () => {
    const { fakes, command, frame } = sent();
    fakes.socket.end();
    fakes.pass(250);
    fakes.socket.greet();
    fakes.socket.say(ack(frame, "COMPLETED"));
    assert.equal(command.status, "sent");
  });

  for (const [status, code, notRun] of /** @type {const} */ ([
    ["CONFLICT", "conflict", true],
    ["REJECTED", "command_denied", true],
    ["FAILED", "interrupted", false],
  ])) {
    test(`that ends as ${status} says why`, async () => {
      const { fakes, command, frame, statuses } = sent();
      fakes.socket.say(ack(frame, status, { code, message: "Because." }));
      const error = await failure(command.completed);
      assert.deepEqual([error.name, error.code, error.message], ["CommandError", code, "Because."]);
      assert.equal(error.notRun, notRun);
      assert.deepEqual(statuses, ["sent", "failed"]);
    });
  }

  test("that the server would find too large is not sent", async () => {
    const fakes = new Fakes();
    const stream = fakes.stream();
    fakes.socket.greet({ limits: { maxClientFrameBytes: 1000 } });
    const command = stream.command("s", "Do", { text: "ü".repeat(500) });
    assert.equal((await failure(command.accepted)).code, "too_large");
    assert.deepEqual(fakes.socket.take(), []);
  });

  test("carries 64-bit integers, and numbers that are none, as texts", () => {
    const { fakes, stream } = live();
    stream.command("s", "Do", { id: 2n ** 64n - 1n, list: [-1n], share: NaN, most: -Infinity, n: 1.5 });
    const wanted = { id: "18446744073709551615", list: ["-1"], share: "NaN", most: "-Infinity", n: 1.5 };
    assert.deepEqual(fakes.socket.take()[0].command.payload, wanted);
  });

  /** @type {any} */
  const cycle = {};
  cycle.self = { cycle };
  const broken = {
    get text() {
      throw new Error("no text");
    },
  };
  for (const payload of /** @type {any[]} */ ([cycle, broken, undefined, null, [], "text", 5n])) {
    test(`whose payload JSON can't carry (${typeof payload}) fails with one line, and is not sent`, async () => {
      const { fakes, stream } = live();
      const error = await failure(stream.command("s", "Do", payload).completed);
      assert.deepEqual([error.code, error.notRun], ["bad_payload", true]);
      assert.match(error.message, /^The payload can't be sent: .+\.$/);
      assert.deepEqual(fakes.socket.take(), []);
    });
  }

  test("whose session or id none can be fails", async () => {
    const { fakes, stream } = live();
    for (const command of [
      stream.command("", "Do", {}),
      stream.command("s", "Do", {}, { commandId: "x".repeat(513) }),
    ]) {
      assert.equal((await failure(command.accepted)).code, "protocol_error");
    }
    assert.deepEqual(fakes.socket.take(), []);
  });

  test("is the same when it is sent again, whatever became of its payload", () => {
    const { fakes, stream } = live();
    const payload = { text: "first" };
    stream.command("s", "Do", payload);
    payload.text = "second";
    comeBack(fakes);
    const texts = fakes.sockets.flatMap(({ sent }) => sent.flatMap(({ command }) => command?.payload.text ?? []));
    assert.deepEqual(texts, ["first", "first"]);
  });

  test("whose id is under way already is refused", async () => {
    const { stream } = sent({ commandId: "id" });
    const twin = stream.command("s", "Do", {}, { commandId: "id" });
    assert.equal((await failure(twin.completed)).code, "duplicate_id");
    assert.equal(stream.command("other", "Do", {}, { commandId: "id" }).status, "sent");
  });

  test("without an outcome fails when the stream is closed, and says that it may have run", async () => {
    const { stream, command } = sent();
    stream.close();
    const error = await failure(command.completed);
    assert.deepEqual([error.code, error.notRun], ["closed", false]);
    const late = await failure(stream.command("s", "Do", {}).completed);
    assert.deepEqual([late.code, late.notRun], ["closed", true]);
  });

  test("ends once, also where another takes it back at its own end", () => {
    const fakes = new Fakes();
    const stream = fakes.stream();
    /** @type {string[]} */
    const statuses = [];
    /** @type {any} */
    let second = null;
    stream.command("s", "Do", {}, { onStatus: () => second.cancel() });
    second = stream.command("s", "Do", {}, { onStatus: (status) => void statuses.push(status) });
    stream.close();
    assert.deepEqual(statuses, ["failed"]);
  });

  test("fails when the client is sent away", async () => {
    const { fakes, command } = sent();
    fakes.socket.end(4403);
    assert.equal((await failure(command.accepted)).code, "denied");
  });
});
