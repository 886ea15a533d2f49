// Puts the parts together: the URL names the session, the connection feeds the
// state, the view draws it, and the composer's actions become POSTs.

import { config, post } from "./api.js";
import { applySnapshot, applyUiEvent, EMPTY } from "./state.js";
import { View } from "./view.js";
import { Connection } from "./wire.js";

const sessionId = sessionFromUrl();
let state = EMPTY;

const view = new View({
  send: (prompt) => post("/api/chat", { sessionId, prompt }),
  stop: () => post("/api/stop", { sessionId }),
  retry: () => connection.retryNow(),
});

const connection = new Connection(socketUrl(), sessionId, {
  status: (status) => view.showConnection(status),
  snapshot: (frame) => show(applySnapshot(frame)),
  uiEvent: (frame) => show(applyUiEvent(state, frame)),
});

connection.open();
view.limitPrompt((await config()).maxPromptLength);

function show(next) {
  state = next;
  view.show(state);
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

function socketUrl() {
  const url = new URL("/ws", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  return url;
}
