// Puts the parts together: the URL names the session, the stream feeds the state,
// the outbox keeps what is on its way, and the view draws both.

import { SessionStream } from "/sessionstream/sessionstream.js";

import { Outbox } from "./outbox.js";
import { answering, EMPTY, reduce } from "./state.js";
import { View } from "./view.js";

const sessionId = sessionFromUrl();

const view = new View({
  send: (text) => outbox.add(text),
  retry: (id) => outbox.retry(id),
  discard: (id) => outbox.discard(id),
  stop: () => stop(),
  reconnect: () => stream.reconnect(),
});

const stream = new SessionStream("/ws", { onState: (state) => view.showConnection(state) });

const outbox = new Outbox(stream, sessionId, (pending) => view.showPending(pending));

const chat = follow();

outbox.restore();
view.limitPrompt((await config()).maxPromptLength);

// A URL can name a session that there can't be.
function follow() {
  try {
    return stream.subscribe(sessionId, {
      initial: EMPTY,
      reduce,
      show: (state) => {
        outbox.arrived(state.messages);
        view.showMessages(state.messages);
      },
      status: (status) => view.showSubscription(status),
    });
  } catch ({ message }) {
    view.showSubscription({ state: "denied", message });
    return { state: EMPTY };
  }
}

// Only what runs now is to be stopped, not what runs when the command arrives.
async function stop() {
  const messageId = answering(chat.state.messages);
  const command = { "@type": "type.googleapis.com/chatdemo.v1.StopInference", messageId };
  const sent = stream.command(sessionId, "ChatStopInference", command);
  if (sent.cancel()) throw new Error("There is no connection.");
  await sent.completed;
}

// Resolves with the server's configuration; with an empty one while it is down.
async function config() {
  try {
    return await (await fetch("/api/config")).json();
  } catch {
    return {};
  }
}

function sessionFromUrl() {
  const url = new URL(location.href);
  const named = url.searchParams.get("session");
  if (named) return named;
  // Not crypto.randomUUID(): that one is missing where a page came over plain HTTP.
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  const created = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  url.searchParams.set("session", created);
  history.replaceState(null, "", url);
  return created;
}
