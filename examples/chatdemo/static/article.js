// One message as an element. All text goes in as text, never as HTML.

const AUTHORS = { USER: "You", ASSISTANT: "Answer" };
const NOTES = {
  STOPPED: "Stopped",
  FAILED: "Failed",
  INTERRUPTED: "Interrupted: the server went away before the end",
};
const PENDING = {
  waiting: { status: "waiting", note: "Not sent yet: it waits for the connection" },
  sent: { status: "sending", note: "Sending…" },
  accepted: { status: "sending", note: "Sending…" },
  completed: { status: "sending", note: "Sent" },
  failed: { status: "unsent", note: "" },
};

export function newArticle(id) {
  const article = document.getElementById("message").content.firstElementChild.cloneNode(true);
  article.dataset.id = id;
  return article;
}

// Draws a message of the chat.
export function fill(article, { role, status, text, detail, trace }) {
  const label = NOTES[status];
  const note = label ? (detail ? `${label}: ${detail}` : label) : trace;
  draw(article, { role, status: status.toLowerCase(), text, note });
  // A screen reader hears an answer once it has ended, not letter by letter.
  article.ariaBusy = String(status === "STREAMING");
}

// Draws a message of the outbox.
export function fillPending(article, { status, text, problem }) {
  const shown = PENDING[status];
  draw(article, { role: "USER", status: shown.status, text, note: shown.note || problem });
}

function draw(article, { role, status, text, note }) {
  article.dataset.role = role.toLowerCase();
  article.dataset.status = status;
  article.querySelector(".author").textContent = AUTHORS[role] ?? "Message";
  setText(article.querySelector(".text"), text);
  article.querySelector(".note").textContent = note;
  article.querySelector(".note").hidden = note === "";
  article.querySelector(".actions").hidden = status !== "unsent";
}

// Appends where it can, so that a selection in the text survives the next chunk.
function setText(element, text) {
  const node = element.firstChild ?? element.appendChild(document.createTextNode(""));
  if (text.startsWith(node.data)) node.appendData(text.slice(node.data.length));
  else node.data = text;
}
