import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { event, Fakes, live, recorder, snapshot, subscribed } from "./fakes.js";

describe("a subscription", () => {
  test("asks for a snapshot first, and is live when that is there", () => {
    const fakes = new Fakes();
    const view = recorder();
    const session = fakes.stream().subscribe("s", view);
    fakes.socket.greet();
    assert.deepEqual(fakes.socket.take(), [
      { subscribe: { sessionId: "s", mode: "SNAPSHOT", sinceSnapshotOrdinal: "0", sinceEpoch: "" } },
    ]);
    fakes.socket.say(snapshot(3, ["a", "b"]));
    assert.equal(fakes.state.state, "connecting");
    fakes.socket.say(subscribed(3));
    assert.deepEqual(session.state, ["snapshot 3: a,b"]);
    assert.deepEqual(view.statuses, ["live"]);
    assert.equal(fakes.state.state, "live");
  });

  test("gives a batch out whole, when it is complete", () => {
    const { fakes, session } = live();
    fakes.socket.say(event(2, 1, "A", { batchSize: 2 }));
    assert.equal(session.state.length, 1);
    fakes.socket.say(event(2, 1, "B", { batchIndex: 1, batchSize: 2 }));
    assert.equal(session.state.at(-1), "2: A,B");
  });

  test("drops what it has had already", () => {
    const { fakes, session } = live();
    fakes.socket.say(event(1, 0, "Old"), event(2, 1, "New"), event(2, 1, "New"));
    assert.deepEqual(session.state.slice(1), ["2: New"]);
  });

  test("resumes on the same connection where something is missing", () => {
    const { fakes, session } = live();
    fakes.socket.say(event(4, 3, "Late"), event(5, 4, "Later"));
    assert.deepEqual(fakes.socket.take(), [
      { subscribe: { sessionId: "s", mode: "RESUME", sinceSnapshotOrdinal: "1", sinceEpoch: "e" } },
    ]);
    fakes.socket.say(event(3, 1, "Missing"), event(4, 3, "Late"), event(5, 4, "Later"), subscribed(5));
    assert.deepEqual(session.state.slice(1), ["3: Missing", "4: Late", "5: Later"]);
    assert.equal(fakes.sockets.length, 1);
  });

  test("does not step over a gap with a position that was on its way", () => {
    const { fakes, session } = live();
    fakes.socket.say(event(4, 3, "Late"), { position: { sessionId: "s", epoch: "e", headOrdinal: "9" } });
    fakes.socket.say(event(3, 1, "Missing"), subscribed(3));
    assert.deepEqual(session.state.slice(1), ["3: Missing"]);
  });

  test("gives up a connection on which what it asked for does not come", () => {
    const { fakes, session } = live();
    fakes.socket.say(event(4, 3, "Late"), subscribed(4));
    assert.equal(fakes.state.state, "waiting");
    assert.ok(fakes.socket.isClosed);
    assert.equal(session.state.length, 1);
  });

  test("moves with positions, so that quiet events are no gap", () => {
    const { fakes, session } = live();
    fakes.socket.say({ position: { sessionId: "s", epoch: "e", headOrdinal: "8" } });
    fakes.socket.say(event(9, 8, "Next"));
    assert.deepEqual(session.state.slice(1), ["9: Next"]);
    assert.deepEqual(fakes.socket.take(), []);
  });

  test("ignores the position of another epoch", () => {
    const { fakes, session } = live();
    fakes.socket.say({ position: { sessionId: "s", epoch: "other", headOrdinal: "8" } });
    fakes.socket.say(event(2, 1, "Next"));
    assert.deepEqual(session.state.slice(1), ["2: Next"]);
  });

  test("delivers what is ephemeral, which moves nothing, also amid a batch", () => {
    const { fakes, session } = live();
    fakes.socket.say(event(2, 1, "A", { batchSize: 2 }), event(0, 0, "Typing", { batchSize: 2 }));
    fakes.socket.say(event(0, 0, "Still", { batchIndex: 1, batchSize: 2 }));
    fakes.socket.say(event(2, 1, "B", { batchIndex: 1, batchSize: 2 }));
    assert.deepEqual(session.state.slice(1), ["0: Typing,Still", "2: A,B"]);
  });

  test("replaces all by a snapshot, whatever its ordinal", () => {
    const { fakes, session } = live();
    fakes.socket.say(event(2, 1, "A"), snapshot(1, ["z"], { epoch: "new" }), subscribed(1, { epoch: "new" }));
    fakes.socket.say(event(2, 1, "B"));
    assert.deepEqual(session.state.slice(1), ["2: A", "snapshot 1: z", "2: B"]);
  });

  test("puts a snapshot in parts together", () => {
    const { fakes, session } = live();
    fakes.socket.say(snapshot(5, ["a"], { partIndex: 0, partCount: 2 }));
    assert.equal(session.state.length, 1);
    fakes.socket.say(snapshot(5, ["b"], { partIndex: 1, partCount: 2 }), subscribed(5));
    assert.equal(session.state.at(-1), "snapshot 5: a,b");
  });

  test("gives up a connection whose snapshot lacks a part, and asks for a whole one", () => {
    const { fakes, session } = live();
    fakes.socket.say(snapshot(5, ["b"], { partIndex: 1, partCount: 2 }));
    assert.equal(fakes.socket.take()[0].subscribe.mode, "SNAPSHOT");
    fakes.socket.say(subscribed(5));
    assert.equal(fakes.state.state, "waiting");
    assert.equal(session.state.length, 1);
  });

  test("compares ordinals that no number can hold", () => {
    const { fakes, session } = live();
    const big = 2n ** 63n;
    fakes.socket.say(snapshot(big), event(big, 0, "Old"), event(big + 1n, big, "New"));
    assert.deepEqual(session.state.slice(2), [`${big + 1n}: New`]);
  });

  test("gives out messages without the type of their Any", () => {
    const fakes = new Fakes();
    /** @type {any[]} */
    const updates = [];
    fakes.stream().subscribe("s", { initial: 0, reduce: (_, update) => updates.push(update) });
    fakes.socket.greet();
    fakes.socket.say(snapshot(1, ["a"]));
    assert.deepEqual(updates[0].entities[0].payload, { id: "a" });
    assert.equal(updates[0].entities[0].createdOrdinal, 0n);
  });

  test("that names what it knows is not told of the rest, which is no gap", () => {
    const fakes = new Fakes();
    const known = { uiEvents: ["A"], entities: ["K"] };
    const session = fakes.stream().subscribe("s", recorder(), known);
    fakes.socket.greet();
    const entities = [{ kind: "K", id: "a" }, { kind: "New", id: "b" }];
    fakes.socket.say(snapshot(1, [], { entities }), subscribed(1));
    fakes.socket.say(event(2, 1, "New"), event(3, 2, "A", { batchSize: 2 }));
    fakes.socket.say(event(3, 2, "New", { batchIndex: 1, batchSize: 2 }));
    assert.deepEqual(session.state, ["snapshot 1: a", "3: A"]);
  });

  test("is not told of entities that are gone", () => {
    const { fakes, session } = live();
    const entities = [{ kind: "K", id: "a", tombstone: true }, { kind: "K", id: "b" }];
    fakes.socket.say(snapshot(2, [], { entities }));
    assert.equal(session.state.at(-1), "snapshot 2: b");
  });

  for (const code of ["subscribe_denied", "protocol_error", "too_many_subscriptions"]) {
    test(`that ends with ${code} leaves the connection live, and is not asked for again`, () => {
      const fakes = new Fakes();
      const session = fakes.stream().subscribe("s", recorder());
      fakes.socket.greet();
      fakes.socket.say({ error: { code, message: "No.", sessionId: "s" } });
      assert.deepEqual(session.status, { state: "denied", code, message: "No." });
      assert.equal(fakes.state.state, "live");
      fakes.socket.take();
      fakes.pass(14_000);
      assert.deepEqual(fakes.socket.take().filter((frame) => frame.subscribe), []);
    });
  }

  test("of a session that none can be is refused at once", () => {
    const stream = new Fakes().stream();
    for (const id of ["", "x".repeat(513), "a\ud800", /** @type {any} */ (5)]) {
      assert.throws(() => stream.subscribe(id, recorder()), /^RangeError: .*1 to 512/);
    }
    for (const id of ["\u{1f600}".repeat(512), "\0 ..", "x".repeat(512)]) {
      assert.equal(stream.subscribe(id, recorder()).status.state, "loading");
    }
  });

  test("that the server can't read is asked for again after a pause", () => {
    const { fakes, session } = live();
    fakes.socket.say({ error: { code: "unavailable", message: "broken", sessionId: "s" } });
    assert.equal(session.status.state, "failing");
    fakes.pass(500);
    assert.equal(fakes.socket.take()[0].subscribe.mode, "RESUME");
    assert.equal(session.status.state, "loading");
  });

  test("is asked for again by the pause of its own connection only", () => {
    const { fakes } = live();
    const error = { error: { code: "unavailable", message: "broken", sessionId: "s" } };
    fakes.socket.say(error);
    fakes.socket.end();
    fakes.pass(250);
    fakes.socket.greet();
    fakes.socket.say(error);
    fakes.socket.take();
    fakes.pass(500);
    assert.deepEqual(fakes.socket.take(), []);
    fakes.pass(500);
    assert.equal(fakes.socket.take()[0].subscribe.mode, "RESUME");
  });

  test("is not told anything after its end, and can be followed again after that", () => {
    const { fakes, stream, session } = live();
    session.close();
    session.close();
    assert.deepEqual(fakes.socket.take(), [{ unsubscribe: { sessionId: "s" } }]);
    const again = stream.subscribe("s", recorder());
    fakes.socket.say(event(2, 1, "Old"), snapshot(9), subscribed(9));
    assert.deepEqual(again.state, []);
    assert.deepEqual(fakes.socket.take(), []);
    fakes.socket.say({ unsubscribed: { sessionId: "s" } });
    assert.equal(fakes.socket.take()[0].subscribe.mode, "SNAPSHOT");
    fakes.socket.say(snapshot(2), subscribed(2));
    assert.deepEqual(again.state, ["snapshot 2: "]);
    assert.equal(session.state.length, 1);
  });

  test("that ends as the connection does can be followed again on the next", () => {
    const { fakes, stream, session } = live();
    session.close();
    fakes.socket.end();
    stream.subscribe("s", recorder());
    fakes.pass(250);
    fakes.socket.greet();
    assert.equal(fakes.socket.take()[0].subscribe.mode, "SNAPSHOT");
  });

  test("of a session that is followed already is refused", () => {
    const { stream } = live();
    assert.throws(() => stream.subscribe("s", recorder()), /followed already/);
  });

  test("is not live with half a batch, or half a snapshot", () => {
    for (const half of [event(2, 1, "A", { batchSize: 2 }), snapshot(5, ["b"], { partCount: 2 })]) {
      const { fakes } = live();
      fakes.socket.say(half, subscribed(9));
      assert.equal(fakes.state.state, "waiting");
    }
  });

  test("asks again where a position follows half a batch", () => {
    const { fakes, session } = live();
    const position = { position: { sessionId: "s", epoch: "e", headOrdinal: "2" } };
    fakes.socket.say(event(2, 1, "A", { batchSize: 2 }), position);
    assert.equal(fakes.socket.take()[0].subscribe.sinceSnapshotOrdinal, "1");
    assert.equal(session.state.length, 1);
  });

  test("that its own view ends is shown nothing more", () => {
    const { fakes, stream } = live();
    /** @type {any[]} */
    const shown = [];
    /** @type {any} */
    const other = stream.subscribe("t", {
      initial: 0,
      reduce: (/** @type {number} */ count) => (other.close(), count + 1),
      show: (/** @type {number} */ state) => shown.push(state),
      status: (/** @type {object} */ status) => shown.push(status),
    });
    fakes.socket.say(snapshot(1, [], { sessionId: "t" }), subscribed(1, { sessionId: "t" }));
    assert.deepEqual(shown, []);
  });

  test("is told nothing more where the view of another ends them all", () => {
    const { fakes, stream } = live();
    const last = recorder();
    const ending = ({ state = "" }) => state === "loading" && stream.close();
    stream.subscribe("t", { initial: 0, reduce: () => 0, status: ending });
    stream.subscribe("u", last);
    for (const sessionId of ["t", "u"]) {
      fakes.socket.say(snapshot(1, [], { sessionId }), subscribed(1, { sessionId }));
    }
    fakes.socket.end();
    fakes.pass(250);
    fakes.socket.greet();
    assert.deepEqual([fakes.state.state, fakes.timers, last.statuses], ["closed", 0, ["live"]]);
  });

  test("that a view begins or ends as the connection comes back is asked for once, or not", () => {
    const { fakes, stream } = live();
    /** @type {any} */
    let other = null;
    const again = ({ state = "" }) => {
      if (state !== "loading") return;
      other.close();
      stream.subscribe("u", recorder());
    };
    other = stream.subscribe("t", { initial: 0, reduce: () => 0, status: again });
    fakes.socket.say(snapshot(1, [], { sessionId: "t" }), subscribed(1, { sessionId: "t" }));
    fakes.socket.end();
    fakes.pass(250);
    fakes.socket.greet();
    const asked = fakes.socket.take().flatMap((frame) => frame.subscribe?.sessionId ?? []);
    assert.deepEqual(asked, ["s", "u"]);
  });

  test("is left once where an error comes before that is confirmed", () => {
    const { fakes, stream, session } = live();
    session.close();
    stream.subscribe("s", recorder());
    fakes.socket.take();
    fakes.socket.say({ error: { code: "unavailable", sessionId: "s" } });
    assert.deepEqual(fakes.socket.take(), []);
    fakes.socket.say({ unsubscribed: { sessionId: "s" } });
    assert.equal(fakes.socket.take().length, 1);
  });

  test("whose view fails goes on", (context) => {
    const complained = context.mock.method(console, "error", () => {});
    const fakes = new Fakes();
    const broken = () => {
      throw new Error("the view's");
    };
    const session = fakes.stream().subscribe("s", { initial: 0, reduce: broken });
    fakes.socket.greet();
    fakes.socket.say(snapshot(1), subscribed(1));
    assert.equal(session.status.state, "live");
    assert.equal(complained.mock.callCount(), 1);
  });
});
