// Page 3: two clients of the browser runtime, whose network can be taken away.

import { SessionStream } from "/sessionstream/sessionstream.js";

import { button, byId, el, field, followTrace, offerFaults, post, showChecks, slug } from "./lab.js";

const SESSION = "board";
const MOST_FRAMES = 60;
let fault = "none";

// A WebSocket whose frames are shown, and that can be cut, held up and robbed.
class Tapped {
  constructor(url, protocol, tap) {
    this.onopen = this.onmessage = this.onclose = null;
    this.held = [];
    this.tap = tap;
    this.socket = new WebSocket(url, protocol);
    this.socket.onopen = (event) => this.onopen?.(event);
    this.socket.onclose = (event) => this.onclose?.(event);
    this.socket.onmessage = (event) => (tap.stalled ? this.held.push(event) : this.deliver(event));
  }

  get readyState() {
    return this.socket.readyState;
  }

  deliver(event) {
    const frame = JSON.parse(event.data);
    const lost = fault === "lossy-network" && this.tap.loses(frame.uiEvent);
    this.tap.saw(lost ? "lost" : "←", frame);
    if (!lost) this.onmessage?.(event);
  }

  release() {
    for (const event of this.held.splice(0)) this.deliver(event);
  }

  send(text) {
    this.tap.saw("→", JSON.parse(text));
    this.socket.send(text);
  }

  close(code) {
    this.socket.close(code);
  }
}

// What stands in for a WebSocket where there is no network: it closes before it opens.
class Unreachable {
  constructor() {
    this.readyState = WebSocket.CLOSED;
    this.onopen = this.onmessage = this.onclose = null;
    setTimeout(() => this.onclose?.({ code: 1006, reason: "" }));
  }

  send() {}

  close() {}
}

class Client {
  constructor(name) {
    this.name = name;
    this.frames = el("ol", { class: "frames", tabindex: "0", "aria-label": `Frames of ${name}` });
    this.state = el("p", { class: "quiet", "aria-live": "polite" }, "Not connected.");
    this.notes = el("ul", {});
    const act = (label, call, plain = true) =>
      button(label, async () => call(), plain ? { class: "plain" } : {});
    this.element = el(
      "section",
      { class: "client", "aria-label": name },
      el("h3", {}, name),
      el(
        "div",
        { class: "row" },
        act("Connect", () => this.connect(), false),
        act("Subscribe", () => this.subscribe(), false),
        act("Disconnect", () => this.disconnect()),
        act("Resume", () => this.resume()),
        act("Stall", () => this.stall(true)),
        act("Go on", () => this.stall(false)),
      ),
      this.state,
      el("h4", {}, "What it shows"),
      this.notes,
      el("h4", {}, "Frames, newest first"),
      this.frames,
    );
    this.forget();
  }

  forget() {
    this.stream?.close();
    this.stream = this.subscription = this.socket = undefined;
    this.stalled = this.cut = false;
    this.lost = new Set();
    this.seen = { base: 0, applied: [], early: 0, board: new Map(), hasSnapshot: false };
    this.outcome = "";
    this.frames.replaceChildren();
    this.notes.replaceChildren();
    this.tell();
  }

  connect() {
    if (this.stream) throw new Error(`${this.name} is connected already.`);
    this.stream = new SessionStream(`/ws/${slug}`, {
      onState: () => this.tell(),
      backoffMs: [300, 2000],
      environment: { connect: (url, protocol) => this.open(url, protocol) },
    });
  }

  open(url, protocol) {
    if (this.cut) return new Unreachable();
    this.socket = new Tapped(url, protocol, this);
    return this.socket;
  }

  subscribe() {
    if (!this.stream) throw new Error(`Connect ${this.name} first.`);
    if (this.subscription) throw new Error(`${this.name} follows the session already.`);
    this.subscription = this.stream.subscribe(SESSION, {
      initial: this.seen,
      reduce: (seen, update) => this.reduce(seen, update),
      show: () => this.show(),
      status: () => this.tell(),
    });
  }

  disconnect() {
    if (!this.socket) throw new Error(`${this.name} is not connected.`);
    this.cut = true;
    this.socket.close();
    this.tell();
  }

  resume() {
    if (!this.stream) throw new Error(`Connect ${this.name} first.`);
    this.cut = false;
    this.stream.reconnect();
  }

  stall(stalled) {
    this.stalled = stalled;
    if (!stalled) this.socket?.release();
    this.tell();
  }

  reduce(seen, update) {
    const times = fault === "applied-twice" ? 2 : 1;
    for (let time = 0; time < times; time += 1) apply(seen, update);
    return seen;
  }

  get isLive() {
    return this.stream?.state.state === "live" && this.subscription?.status.state === "live" && !this.stalled;
  }

  // Every fifth UI event gets lost, once. The next one shows that it is missing.
  loses(uiEvent) {
    const ordinal = Number(uiEvent?.eventOrdinal ?? 0);
    if (ordinal % 5 !== 3 || this.lost.has(ordinal)) return false;
    this.lost.add(ordinal);
    return true;
  }

  // Whether it is about to be live.
  get isComing() {
    return this.subscription !== undefined && !this.cut && !this.stalled && !this.isLive;
  }

  saw(direction, frame) {
    const [[kind, content]] = Object.entries(frame);
    if (kind === "subscribed") {
      const { outcome, reason } = content;
      this.outcome = reason === "AS_REQUESTED" ? outcome : `${outcome}, ${reason}`;
    }
    this.frames.prepend(
      el("li", {}, el("code", {}, `${direction} ${kind} ${JSON.stringify(content)}`)),
    );
    while (this.frames.children.length > MOST_FRAMES) this.frames.lastElementChild.remove();
    this.tell();
  }

  show() {
    const notes = Array.from(this.seen.board, ([id, { text, edits }]) =>
      el("li", {}, `${id}: ${text}${edits ? ` (changed ${edits} times)` : ""}`),
    );
    this.notes.replaceChildren(...notes);
  }

  tell() {
    const { state = "not connected" } = this.stream?.state ?? {};
    const parts = [
      this.cut ? "without a network" : state,
      this.stalled ? "stalled" : "",
      this.outcome ? `the last subscribe: ${this.outcome}` : "",
    ];
    this.state.textContent = `${parts.filter(Boolean).join("; ")}.`;
  }

  // For the checks. The ordinals of a lab fit in a number.
  observed() {
    const { base, applied, early, board } = this.seen;
    return { name: this.name, live: this.isLive, base, applied, early, board: Object.fromEntries(board) };
  }
}

function apply(seen, update) {
  const ordinal = Number(update.ordinal);
  if (update.type === "snapshot") {
    if (fault !== "merged-snapshots") seen.board.clear();
    for (const { kind, payload } of update.entities) if (kind === "LabNote") put(seen.board, payload);
    seen.base = ordinal;
    seen.applied = [];
    seen.hasSnapshot = true;
    return;
  }
  if (!seen.hasSnapshot) seen.early += 1;
  if (ordinal) seen.applied.push(ordinal);
  for (const { name, payload } of update.events) {
    if (name === "LabNoteShown") put(seen.board, payload);
    else if (name === "LabNoteHidden") seen.board.delete(payload.noteId);
  }
}

const put = (board, { noteId, text = "", edits = 0 }) => board.set(noteId, { text, edits });

const clients = [new Client("Client A"), new Client("Client B")];
const events = el("input", { type: "number", min: "1", max: "100", value: "5" });

byId("exercise").append(
  el("h2", {}, "Two clients of one session"),
  el(
    "div",
    { class: "row" },
    field("Events", events),
    button("Publish", async () => {
      await post("publish", { events: events.valueAsNumber });
      await check();
    }),
    button("Check now", check, { class: "plain" }),
  ),
  el("div", { class: "columns" }, clients.map((client) => client.element)),
);

async function check() {
  // What was published a moment ago is on its way to the clients.
  const pause = () => new Promise((wake) => setTimeout(wake, 300));
  await pause();
  for (let turn = 0; turn < 15 && clients.some((client) => client.isComing); turn += 1) await pause();
  showChecks((await post("check", { clients: clients.map((client) => client.observed()) })).checks);
}

function begin(chosen) {
  fault = chosen;
  return check();
}

offerFaults(begin, () => clients.forEach((client) => client.forget()));
followTrace();
fault = (await post("check", { clients: [] })).fault;
await check();
