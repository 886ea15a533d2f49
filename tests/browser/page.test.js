import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { event, Fakes, live, subscribed } from "./fakes.js";

/** @param {number} head */
const position = (head) => ({ position: { sessionId: "s", epoch: "e", headOrdinal: String(head) } });

describe("a tab", () => {
  test("that wakes checks its connection at once, and keeps it if it answers", () => {
    const { fakes } = live();
    fakes.page.fire("document", "visibilitychange");
    assert.deepEqual(Object.keys(fakes.socket.take()[0]), ["ping"]);
    fakes.socket.say({ pong: { nonce: "n" } });
    fakes.pass(3000);
    assert.equal(fakes.state.state, "live");
  });

  test("that wakes to a dead connection soon gives it up", () => {
    const { fakes } = live();
    fakes.page.fire("window", "pageshow");
    fakes.pass(3000);
    assert.equal(fakes.state.state, "waiting");
  });

  test("that wakes to several events asks once", () => {
    const { fakes } = live();
    fakes.page.fire("document", "resume");
    fakes.page.fire("document", "visibilitychange");
    assert.equal(fakes.socket.take().length, 1);
  });

  test("that goes out of sight asks nothing", () => {
    const { fakes } = live();
    fakes.page.document.hidden = true;
    fakes.page.fire("document", "visibilitychange");
    assert.deepEqual(fakes.socket.take(), []);
  });

  test("that waits does not wait on when the network is back", () => {
    const { fakes } = live();
    fakes.socket.end();
    fakes.page.fire("window", "online");
    assert.equal(fakes.state.state, "connecting");
    assert.equal(fakes.sockets.length, 2);
  });

  for (const [target, type] of /** @type {const} */ ([
    ["document", "freeze"],
    ["window", "pagehide"],
  ])) {
    test(`lets its connection go at ${type}, and resumes when it wakes`, () => {
      const { fakes } = live();
      fakes.page.fire(target, type);
      assert.ok(fakes.socket.isClosed);
      assert.equal(fakes.timers, 0);
      fakes.page.fire("document", "resume");
      fakes.socket.greet();
      assert.equal(fakes.socket.take()[0].subscribe.mode, "RESUME");
      fakes.socket.say(subscribed(1));
      assert.equal(fakes.state.state, "live");
    });
  }

  test("that is offline says so, and still tries: the server may be on this machine", () => {
    const { fakes } = live();
    fakes.page.navigator.onLine = false;
    fakes.page.fire("window", "offline");
    assert.deepEqual(fakes.state, { state: "offline", retryAt: fakes.time + 3000 });
    fakes.pass(3000);
    assert.equal(fakes.state.state, "offline");
    assert.ok(fakes.socket.isClosed);
    fakes.pass(250);
    assert.equal(fakes.state.state, "offline");
    assert.equal(fakes.sockets.length, 2);
    fakes.socket.greet();
    fakes.socket.say(subscribed(1));
    assert.equal(fakes.state.state, "live");
  });

  test("that is offline is live again as soon as the server answers", () => {
    const { fakes } = live();
    fakes.page.fire("window", "offline");
    fakes.socket.say(event(2, 1, "On its way"), position(2));
    assert.equal(fakes.state.state, "offline");
    fakes.socket.say({ pong: { nonce: "n" } });
    assert.equal(fakes.state.state, "live");
    fakes.pass(3000);
    assert.equal(fakes.sockets.length, 1);
  });

  test("that is offline holds commands back until the server answers", () => {
    const { fakes, stream } = live();
    const sent = stream.command("s", "Do", {});
    fakes.page.fire("window", "offline");
    const [kept, withdrawn] = [stream.command("s", "Do", {}), stream.command("s", "Do", {})];
    assert.deepEqual([kept?.status, withdrawn?.cancel()], ["waiting", true]);
    fakes.socket.take();
    fakes.socket.say({ pong: { nonce: "n" } });
    assert.deepEqual(fakes.socket.take().map((frame) => frame.command.commandId), [kept?.commandId]);
    assert.equal(sent.status, "sent");
  });

  test("that gets anything else than an answer is live when the time for one is over", () => {
    const { fakes } = live();
    fakes.page.fire("window", "offline");
    fakes.pass(1000);
    fakes.socket.say(event(2, 1, "Something"));
    fakes.pass(1999);
    assert.equal(fakes.state.state, "offline");
    fakes.pass(1);
    assert.equal(fakes.state.state, "live");
  });

  test("that was offline for a moment keeps its connection if it answers", () => {
    const { fakes } = live();
    fakes.page.fire("window", "offline");
    fakes.pass(1000);
    fakes.page.fire("window", "online");
    assert.equal(fakes.state.state, "connecting");
    fakes.socket.say({ pong: { nonce: "n" } });
    assert.equal(fakes.state.state, "live");
    assert.equal(fakes.sockets.length, 1);
  });

  test("that is offline before its connection is there is live when that is", () => {
    const fakes = new Fakes();
    fakes.stream();
    fakes.page.fire("window", "offline");
    assert.equal(fakes.state.state, "offline");
    fakes.socket.greet();
    assert.equal(fakes.state.state, "live");
  });

  test("that loses its connection while offline says once that it connects again", () => {
    const { fakes } = live();
    fakes.page.fire("window", "offline");
    fakes.socket.end();
    fakes.states.length = 0;
    fakes.page.fire("window", "online");
    assert.deepEqual(fakes.states, [{ state: "connecting" }]);
  });

  test("that goes offline during a long silence does not wait for the end of it", () => {
    const { fakes } = live();
    fakes.pass(30_000);
    fakes.page.fire("window", "offline");
    fakes.pass(2000);
    fakes.page.fire("window", "offline");
    fakes.pass(1000);
    assert.ok(fakes.socket.isClosed);
  });

  test("that comes online does not wait for an attempt from before", () => {
    const { fakes } = live();
    fakes.page.navigator.onLine = false;
    fakes.socket.end();
    fakes.pass(250);
    fakes.page.navigator.onLine = true;
    fakes.page.fire("window", "online");
    assert.equal(fakes.sockets.length, 3);
    assert.ok(fakes.sockets[1]?.isClosed);
    assert.equal(fakes.state.state, "connecting");
  });

  test("that has only just been shown keeps its first attempt", () => {
    const fakes = new Fakes();
    fakes.stream();
    fakes.page.fire("window", "pageshow");
    assert.equal(fakes.sockets.length, 1);
  });

  test("that goes offline while it waits says so", () => {
    const fakes = new Fakes();
    fakes.stream();
    fakes.socket.end();
    fakes.page.navigator.onLine = false;
    fakes.page.fire("window", "offline");
    assert.equal(fakes.state.state, "offline");
  });
});
