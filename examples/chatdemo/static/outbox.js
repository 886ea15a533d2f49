// The messages that are on their way, or did not arrive.
//
// A message and the command that carries it have one id. So a message leaves this
// list when it comes back as part of the chat, and one that a reload of the page
// sends again is not asked twice.

const COMMAND = {
  name: "ChatStartInference",
  type: "type.googleapis.com/chatdemo.v1.StartInference",
};

export class Outbox {
  #stream;
  #sessionId;
  #show;
  // id -> { id, text, status, problem }, in the order of sending; statuses are the runtime's.
  #pending = new Map();

  constructor(stream, sessionId, show) {
    this.#stream = stream;
    this.#sessionId = sessionId;
    this.#show = show;
  }

  add(text) {
    this.#send(newId(), text);
  }

  // The old command has its outcome: another try is another command.
  retry(id) {
    const { text } = this.#pending.get(id);
    this.#pending.delete(id);
    this.#send(newId(), text);
  }

  // Forgets a message; returns its text.
  discard(id) {
    const { text } = this.#pending.get(id);
    this.#pending.delete(id);
    this.#changed();
    return text;
  }

  // Takes note of the messages that the chat has.
  arrived(messages) {
    const sizeBefore = this.#pending.size;
    for (const id of this.#pending.keys()) if (messages.has(id)) this.#pending.delete(id);
    if (this.#pending.size < sizeBefore) this.#changed();
  }

  // Goes on with what a reload has cut off.
  restore() {
    for (const { id, text } of kept(this.#key)) this.#send(id, text);
  }

  #send(id, text) {
    const payload = { "@type": COMMAND.type, prompt: text, messageId: id };
    const update = (change) => {
      if (!this.#pending.has(id)) return;
      this.#pending.set(id, { ...this.#pending.get(id), ...change });
      this.#changed();
    };
    this.#pending.set(id, { id, text, status: "waiting", problem: "" });
    this.#changed();
    const onStatus = (status) => update({ status });
    const sent = this.#stream.command(this.#sessionId, COMMAND.name, payload, { commandId: id, onStatus });
    sent.completed.catch((error) => update({ problem: problemOf(error) }));
  }

  #changed() {
    const pending = Array.from(this.#pending.values());
    const unsettled = pending.filter(({ status }) => status !== "failed");
    keep(this.#key, unsettled.map(({ id, text }) => ({ id, text })));
    this.#show(pending);
  }

  get #key() {
    return `outbox ${this.#sessionId}`;
  }
}

// A browser may refuse to keep anything: then a reload forgets.
function keep(key, messages) {
  try {
    sessionStorage.setItem(key, JSON.stringify(messages));
  } catch (error) {
    console.info("What is on its way is not kept:", error);
  }
}

function kept(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "[]");
  } catch {
    return [];
  }
}

function problemOf(error) {
  const isKnown = error.notRun || error.code === "bad_prompt";
  return isKnown ? `Not sent. ${error.message}` : "The server could not say whether it has this message.";
}

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
