import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, test } from "node:test";

import { event, Fakes, live, recorder, snapshot, subscribed } from "./fakes.js";

describe("a connection", () => {
  test("that is lost is tried again after a pause, and resumes", () => {
    const { fakes, session } = live();
    fakes.socket.end();
    assert.deepEqual(fakes.state, { state: "waiting", retryAt: fakes.time + 250 });
    fakes.pass(250);
    assert.equal(fakes.state.state, "connecting");
    fakes.socket.greet();
    assert.deepEqual(fakes.socket.take(), [
      { subscribe: { sessionId: "s", mode: "RESUME", sinceSnapshotOrdinal: "1", sinceEpoch: "e" } },
    ]);
    fakes.socket.say(event(2, 1, "Missed"), subscribed(2));
    assert.deepEqual(session.state.slice(1), ["2: Missed"]);
    assert.equal(fakes.state.state, "live");
  });

  test("forgets half a batch when it is lost", () => {
    const { fakes, session } = live();
    fakes.socket.say(event(2, 1, "A", { batchSize: 2 }));
    fakes.socket.end();
    fakes.pass(250);
    fakes.socket.greet();
    fakes.socket.say(event(2, 1, "A", { batchSize: 2 }));
    fakes.socket.say(event(2, 1, "B", { batchIndex: 1, batchSize: 2 }), subscribed(2));
    assert.deepEqual(session.state.slice(1), ["2: A,B"]);
  });

  test("does not complete half a batch with the end of it from the next connection", () => {
    const { fakes, session } = live();
    fakes.socket.say(event(2, 1, "A", { batchSize: 2 }));
    fakes.socket.end();
    fakes.pass(250);
    fakes.socket.greet();
    fakes.socket.say(event(2, 1, "B", { batchIndex: 1, batchSize: 2 }));
    assert.equal(session.state.length, 1);
  });

  test("can't deliver once it was given up", () => {
    const { fakes, stream, session } = live();
    const { onmessage, onclose } = fakes.socket;
    fakes.socket.end();
    stream.reconnect();
    onmessage?.({ data: JSON.stringify(event(2, 1, "Stale")) });
    onclose?.({ code: 4403 });
    assert.equal(session.state.length, 1);
    assert.equal(fakes.state.state, "connecting");
  });

  test("waits longer each time, up to a ceiling, at random", () => {
    const fakes = new Fakes();
    fakes.chance = 1;
    fakes.stream({ backoffMs: [100, 450] });
    const pauses = [];
    for (let attempt = 0; attempt < 4; attempt++) {
      fakes.socket.end();
      pauses.push(fakes.state.retryAt - fakes.time);
      fakes.pass(450);
    }
    assert.deepEqual(pauses, [100, 200, 400, 450]);
    fakes.chance = 0;
    fakes.socket.end();
    assert.equal(fakes.state.retryAt, fakes.time);
  });

  test("begins with short pauses again only after it has lasted", () => {
    const { fakes } = live();
    const pause = () => fakes.state.retryAt - fakes.time;
    const comeBack = () => {
      fakes.pass(pause());
      fakes.socket.greet();
      fakes.socket.say(subscribed(1));
    };
    fakes.socket.end();
    assert.equal(pause(), 250);
    comeBack();
    fakes.socket.end();
    assert.equal(pause(), 500);
    comeBack();
    fakes.pass(10_000);
    fakes.socket.end();
    assert.equal(pause(), 250);
  });

  test("that does not open in time is given up", () => {
    const fakes = new Fakes();
    fakes.stream();
    fakes.pass(10_000);
    assert.equal(fakes.state.state, "waiting");
    assert.ok(fakes.socket.isClosed);
  });

  test("asks after a silence, and is given up when nothing comes", () => {
    const { fakes } = live();
    fakes.pass(30_000);
    assert.deepEqual(Object.keys(fakes.socket.take()[0]), ["ping"]);
    assert.equal(fakes.state.state, "live");
    fakes.pass(15_000);
    assert.equal(fakes.state.state, "waiting");
  });

  test("stays while anything comes", () => {
    const { fakes } = live();
    for (let minute = 0; minute < 5; minute++) {
      fakes.pass(29_000);
      fakes.socket.say({ pong: { nonce: "n" } });
    }
    assert.equal(fakes.sockets.length, 1);
    assert.equal(fakes.state.state, "live");
  });

  test("answers the server's pings", () => {
    const { fakes } = live();
    fakes.socket.say({ ping: { nonce: "n" } });
    assert.deepEqual(fakes.socket.take(), [{ pong: { nonce: "n" } }]);
  });

  test("that speaks no JSON is given up", () => {
    const { fakes } = live();
    fakes.socket.onmessage?.({ data: "<html>" });
    assert.equal(fakes.state.state, "waiting");
  });

  test("whose server sends no ordinal where one has to be is given up", (context) => {
    const complained = context.mock.method(console, "error", () => {});
    const { fakes } = live();
    fakes.socket.say(event(2, 1, "A", { eventOrdinal: "two" }));
    assert.equal(fakes.state.state, "waiting");
    assert.equal(complained.mock.callCount(), 1);
  });

  test("that its listener ends as it begins is never opened", () => {
    const fakes = new Fakes();
    /** @type {any} */
    let stream = null;
    stream = fakes.stream({ onState: (/** @type {any} */ { state }) => state === "connecting" && stream?.close() });
    fakes.socket.end();
    fakes.pass(250);
    assert.deepEqual([fakes.sockets.length, fakes.timers, stream.state.state], [1, 0, "closed"]);
  });

  test("moves to another server at a moment of its own when it is asked to", () => {
    const { fakes } = live();
    fakes.socket.say({ goAway: { reconnectWithinMs: 4000 } });
    fakes.socket.say(event(2, 1, "Still"));
    assert.equal(fakes.state.state, "live");
    fakes.pass(2000);
    assert.equal(fakes.sockets.length, 2);
    assert.ok(fakes.sockets[0]?.isClosed);
  });

  test("that the server ends after it asked keeps to that moment", () => {
    const { fakes } = live();
    fakes.socket.say({ goAway: { reconnectWithinMs: 4000 } });
    const moment = fakes.time + 2000;
    fakes.pass(500);
    fakes.socket.end(1001);
    assert.equal(fakes.state.retryAt, moment);
    fakes.pass(1500);
    assert.equal(fakes.sockets.length, 2);
  });

  test("that is closed leaves nothing behind", () => {
    const { fakes, stream, session } = live();
    fakes.socket.say({ error: { code: "unavailable", sessionId: "s" } });
    stream.close();
    stream.close();
    assert.deepEqual(stream.state, { state: "closed" });
    assert.equal(fakes.timers, 0);
    assert.ok(fakes.socket.isClosed);
    assert.equal(getEventListeners(fakes.page.window, "online").length, 0);
    stream.reconnect();
    fakes.page.fire("window", "online");
    fakes.page.fire("window", "offline");
    session.close();
    assert.throws(() => stream.subscribe("t", recorder()), /was closed/);
    assert.equal(fakes.sockets.length, 1);
    assert.deepEqual(stream.state, { state: "closed" });
  });
});

describe("a client that is asked who it is", () => {
  const hello = { authenticationRequired: true };
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  test("sends a token before anything else, and a new one before that expires", async () => {
    const fakes = new Fakes();
    let count = 0;
    const stream = fakes.stream({ token: () => `token ${++count}` });
    stream.subscribe("s", { initial: 0, reduce: () => 0 });
    fakes.socket.greet(hello);
    await settled();
    assert.deepEqual(fakes.socket.take(), [{ authenticate: { token: "token 1" } }]);
    fakes.socket.say({ authenticated: { expiresInMs: "10000" } });
    assert.equal(fakes.socket.take()[0].subscribe.sessionId, "s");
    fakes.socket.say(snapshot(1), subscribed(1));
    fakes.pass(8000);
    await settled();
    assert.deepEqual(fakes.socket.take(), [{ authenticate: { token: "token 2" } }]);
    fakes.socket.say({ authenticated: { expiresInMs: "10000" } });
    assert.deepEqual(fakes.socket.take(), []);
    stream.close();
    assert.equal(fakes.timers, 0);
  });

  test("is denied without a token, until it is told to try again", () => {
    const fakes = new Fakes();
    const stream = fakes.stream();
    fakes.socket.greet(hello);
    assert.equal(fakes.state.state, "denied");
    fakes.page.fire("window", "online");
    fakes.pass(60_000);
    assert.equal(fakes.sockets.length, 1);
    stream.reconnect();
    assert.equal(fakes.sockets.length, 2);
  });

  test("is denied where its token is refused, and when it is revoked", async () => {
    for (const refuse of [
      (/** @type {Fakes} */ fakes) => fakes.socket.say({ error: { code: "unauthenticated" } }),
      (/** @type {Fakes} */ fakes) =>
        fakes.socket.say({ error: { code: "unauthenticated", sessionId: "s" } }),
      (/** @type {Fakes} */ fakes) => fakes.socket.end(4403),
    ]) {
      const fakes = new Fakes();
      fakes.stream({ token: () => "wrong" });
      fakes.socket.greet(hello);
      await settled();
      refuse(fakes);
      assert.equal(fakes.state.state, "denied");
    }
  });

  test("comes back with a new token where the old one has expired", () => {
    const fakes = new Fakes();
    fakes.stream({ token: () => "t" });
    fakes.socket.end(4401);
    assert.equal(fakes.state.state, "waiting");
  });

  test("sends no token on a connection that is gone", async () => {
    const fakes = new Fakes();
    fakes.stream({ token: () => settled().then(() => "late") });
    fakes.socket.greet(hello);
    const [first] = fakes.sockets;
    fakes.socket.end();
    await settled();
    await settled();
    assert.deepEqual(first?.take(), []);
  });

  test("is not disturbed by a token that fails on a connection that is gone", async () => {
    const fakes = new Fakes();
    let fail = () => {};
    fakes.stream({ token: () => new Promise((_, reject) => (fail = () => reject(new Error("late")))) });
    fakes.socket.greet(hello);
    fakes.socket.end();
    fakes.pass(250);
    fail();
    await settled();
    assert.equal(fakes.state.state, "connecting");
  });

  test("tries again where there is no token to be had", async () => {
    const fakes = new Fakes();
    fakes.stream({ token: () => Promise.reject(new Error("no network")) });
    fakes.socket.greet(hello);
    await settled();
    assert.equal(fakes.state.state, "waiting");
  });
});
