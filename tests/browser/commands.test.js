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

  test("fails when the client is sent away", async () => {
    const { fakes, command } = sent();
    fakes.socket.end(4403);
    assert.equal((await failure(command.accepted)).code, "denied");
  });
});
