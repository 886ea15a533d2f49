// The page's elements. All text goes in as text, never as HTML.

import { Composer } from "./composer.js";
import { isAnswering } from "./state.js";

const NEAR_BOTTOM_PX = 60;
const GESTURE_MS = 1000; // a scroll this soon after a gesture is the reader's
const LABELS = { connecting: "Connecting…", live: "Live", waiting: "Reconnecting" };
const AUTHORS = { USER: "You", ASSISTANT: "Answer" };
const NOTES = {
  STOPPED: "Stopped",
  FAILED: "Failed",
  INTERRUPTED: "Interrupted: the server went away before the end",
};

const $ = (id) => document.getElementById(id);

export class View {
  #composer;
  #drawn = new Map(); // id -> { message, article }
  #next = null;
  #countdown = 0;
  #following = true;
  #gestureAt = -Infinity;

  // actions: { send(prompt), stop(), retry() }; the first two return promises.
  constructor(actions) {
    const send = (prompt) => {
      this.#following = true; // one's own message comes into view
      return actions.send(prompt);
    };
    this.#composer = new Composer({ ...actions, send });
    $("retry").onclick = actions.retry;
    $("newest").onclick = () => this.#follow();
    $("scroller").addEventListener("scroll", () => this.#noticeScroll(), { passive: true });
    for (const gesture of ["wheel", "touchmove", "pointerdown", "keydown"]) {
      const note = () => (this.#gestureAt = performance.now());
      $("scroller").addEventListener(gesture, note, { passive: true });
    }
    new ResizeObserver(() => this.#following && this.#follow()).observe($("scroller"));
  }

  limitPrompt(characters) {
    this.#composer.limit(characters);
  }

  showConnection({ state, retryAt }) {
    document.body.dataset.connection = state;
    $("connection").textContent = LABELS[state];
    $("retry").hidden = state !== "waiting";
    clearInterval(this.#countdown);
    $("countdown").textContent = "";
    if (state === "live") this.#composer.forgive();
    if (state !== "waiting") return;
    const tick = () => {
      const seconds = Math.max(1, Math.ceil((retryAt - Date.now()) / 1000));
      $("countdown").textContent = `in ${seconds} s`;
    };
    tick();
    this.#countdown = setInterval(tick, 250);
  }

  // Draws at most once per frame, however fast the events come.
  show(state) {
    const scheduled = this.#next !== null;
    this.#next = state;
    if (scheduled) return;
    const draw = () => this.#draw();
    if (document.hidden) setTimeout(draw);
    else requestAnimationFrame(draw);
  }

  #draw() {
    const { messages } = this.#next;
    const answering = isAnswering(this.#next);
    this.#next = null;
    for (const [id, { article }] of this.#drawn) {
      if (messages.has(id)) continue;
      article.remove();
      this.#drawn.delete(id);
    }
    let position = 0;
    for (const [id, message] of messages) this.#place(id, message, position++);
    $("welcome").hidden = messages.size > 0;
    this.#composer.showAnswering(answering);
    this.#nameTab(messages);
    if (this.#following) this.#follow();
    $("messages").ariaLive = "polite"; // from now on: the old messages are no news
  }

  #place(id, message, position) {
    const drawn = this.#drawn.get(id) ?? { article: newArticle(id) };
    if (drawn.message !== message) fill(drawn.article, message);
    drawn.message = message;
    this.#drawn.set(id, drawn);
    const there = $("messages").children[position];
    if (there !== drawn.article) $("messages").insertBefore(drawn.article, there ?? null);
  }

  #nameTab(messages) {
    const [first] = messages.values();
    const line = first ? first.text.split("\n", 1)[0] : "";
    document.title = line ? `${line.slice(0, 40)} · chatdemo` : "chatdemo";
  }

  // Follows the newest text until the reader scrolls up, and again from the end on. The browser
  // scrolls too, when the composer shrinks or the text grows: only a gesture is the reader's.
  #noticeScroll() {
    const { scrollHeight, scrollTop, clientHeight } = $("scroller");
    const isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_BOTTOM_PX;
    if (isAtEnd) this.#following = true;
    else if (performance.now() - this.#gestureAt < GESTURE_MS) this.#following = false;
    else if (this.#following) $("scroller").scrollTop = scrollHeight;
    $("newest").hidden = this.#following;
  }

  #follow() {
    if (this.#drawn.size === 0) return; // the welcome is read from its top
    $("scroller").scrollTop = $("scroller").scrollHeight;
    this.#noticeScroll();
  }
}

function newArticle(id) {
  const article = $("message").content.firstElementChild.cloneNode(true);
  article.dataset.id = id;
  return article;
}

function fill(article, { role, status, text, detail, trace }) {
  article.dataset.role = role.toLowerCase();
  article.dataset.status = status.toLowerCase();
  // A screen reader hears an answer once it has ended, not letter by letter.
  article.ariaBusy = String(status === "STREAMING");
  article.querySelector(".author").textContent = AUTHORS[role] ?? "Message";
  setText(article.querySelector(".text"), text);
  const note = article.querySelector(".note");
  const label = NOTES[status];
  note.textContent = label ? (detail ? `${label}: ${detail}` : label) : trace;
  note.hidden = note.textContent === "";
}

// Appends where it can, so that a selection in the text survives the next chunk.
function setText(element, text) {
  const node = element.firstChild ?? element.appendChild(document.createTextNode(""));
  if (text.startsWith(node.data)) node.appendData(text.slice(node.data.length));
  else node.data = text;
}
