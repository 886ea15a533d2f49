// Page 4: a chat, and what is behind it.

import { SessionStream } from "/sessionstream/sessionstream.js";

import { busy, button, byId, el, field, followTrace, offerFaults, post, showChecks, slug, table } from "./lab.js";

const SESSION = "chat";
const TYPES = "type.googleapis.com/chatdemo.v1.";
let fault = "none";
let stream;
let chunks = 0;
let messages = new Map();

const prompt = el("input", { value: "Tell me about ordinals", autocomplete: "off", maxlength: "500" });
const send = el("button", {}, "Send");
const state = el("p", { class: "quiet", "aria-live": "polite" });
const said = el("ol", { class: "said", "aria-label": "Messages" });
const insides = el("div", {});
const form = el("form", { class: "row" }, field("Prompt", prompt), send);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void busy(send, () => command("ChatStartInference", "StartInference", { prompt: prompt.value }));
});

byId("exercise").append(
  el("h2", {}, "A chat"),
  state,
  said,
  form,
  el(
    "div",
    { class: "row" },
    button("Stop the answer", () => command("ChatStopInference", "StopInference", {}), { class: "plain" }),
    button("Look inside and check", () => look(), { class: "plain" }),
  ),
  insides,
);

async function command(name, type, payload) {
  await stream.command(SESSION, name, { "@type": `${TYPES}${type}`, ...payload }).completed;
}

function connect() {
  messages = new Map();
  chunks = 0;
  stream = new SessionStream(`/ws/${slug}`, {
    onState: ({ state: word }) => (state.textContent = `The connection is ${word}.`),
  });
  stream.subscribe(SESSION, {
    initial: messages,
    reduce: (_, update) => {
      if (update.type === "snapshot") messages = new Map(update.entities.map(fromEntity));
      else update.events.forEach(applyUiEvent);
      return messages;
    },
    show: (shown, update) => {
      draw();
      // An answer has ended: time to look.
      if (update.type === "events" && update.events.some(({ name }) => /Finished|Stopped/.test(name))) {
        void look();
      }
    },
  });
}

const fromEntity = ({ id, payload }) => [id, fromPayload(payload)];

const fromPayload = ({ role = "", text = "", status = "" }) => ({
  role: role.replace("CHAT_ROLE_", "").toLowerCase(),
  text,
  status: status.replace("CHAT_STATUS_", "").toLowerCase(),
});

function applyUiEvent({ name, payload }) {
  if (name === "ChatMessageAppended") {
    chunks += 1;
    const message = messages.get(payload.messageId);
    if (message && !(fault === "dropped-chunks" && chunks % 4 === 0)) message.text += payload.chunk;
  } else if (payload.message) {
    const { text } = messages.get(payload.messageId) ?? {};
    const whole = fromPayload(payload.message);
    // With the fault, what was forgotten stays forgotten.
    messages.set(payload.messageId, fault === "none" || !text ? whole : { ...whole, text });
  }
}

function draw() {
  const items = Array.from(messages.values(), ({ role, text, status }) =>
    el("li", {}, el("strong", {}, `${role} `), el("span", { class: "quiet" }, `(${status}) `), text),
  );
  said.replaceChildren(...items);
}

// While an answer ends, its last pieces may be on their way to the page: then it looks again.
async function look(again = 3) {
  const observed = Array.from(messages, ([id, { text, status }]) => ({ id, text, status }));
  const { events, uiEvents, timeline, checks } = await post("check", { messages: observed });
  const isWaiting = observed.some(({ status }) => status === "streaming");
  if (again > 0 && isWaiting && checks.some(({ holds }) => holds === false)) {
    await new Promise((wake) => setTimeout(wake, 200));
    return look(again - 1);
  }
  const rows = (list) =>
    list.map(({ ordinal, name, payload }) => [String(ordinal), name, JSON.stringify(payload)]);
  const entities = timeline.entities.map(({ id, payload, created, changed }) => [
    id,
    JSON.stringify(payload),
    `${created} → ${changed}`,
  ]);
  insides.replaceChildren(
    el("h3", {}, "Events: the log"),
    table(["ordinal", "name", "payload"], rows(events), "Events"),
    el("h3", {}, "UI events: what the page was told"),
    table(["ordinal", "name", "payload"], rows(uiEvents), "UI events"),
    el("h3", {}, `Timeline: the snapshot at ordinal ${timeline.ordinal}`),
    table(["id", "entity", "events"], entities, "Timeline"),
  );
  showChecks(checks);
}

offerFaults(
  async (chosen) => {
    fault = chosen;
    connect();
    await look();
  },
  () => stream.close(),
);
followTrace();
fault = (await post("check")).fault;
connect();
await look();
