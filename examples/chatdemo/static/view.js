// The page's elements: the bar, the conversation and how it scrolls.

import { fill, fillPending, newArticle } from "./article.js";
import { Composer } from "./composer.js";
import { answering } from "./state.js";

const NEAR_BOTTOM_PX = 60;
const GESTURE_MS = 1000; // a scroll this soon after a gesture is the reader's
const LABELS = {
  connecting: "Connecting…",
  live: "Live",
  waiting: "Reconnecting",
  offline: "Offline, trying again",
  denied: "Can't be opened",
  failing: "Can't be read now",
};

const $ = (id) => document.getElementById(id);

export class View {
  #composer;
  #drawn = new Map(); // id -> { message, article }
  #messages = new Map();
  #pending = [];
  #isScheduled = false;
  #connection = { state: "connecting" };
  #subscription = { state: "loading" };
  #countdown = 0;
  #following = true;
  #gestureAt = -Infinity;

  // actions: { send(text), retry(id), discard(id), stop(), reconnect() }; stop returns a
  // promise, discard the text of the message.
  constructor(actions) {
    const send = (prompt) => {
      this.#following = true; // one's own message comes into view
      actions.send(prompt);
    };
    this.#composer = new Composer({ send, stop: actions.stop });
    $("retry").onclick = actions.reconnect;
    $("messages").addEventListener("click", ({ target }) => {
      const id = target.closest(".message")?.dataset.id;
      if (target.closest(".again")) actions.retry(id);
      if (target.closest(".edit")) this.#composer.edit(actions.discard(id));
    });
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

  showConnection(state) {
    this.#connection = state;
    this.#showState();
  }

  // A connection is of no use where the server does not give out the chat.
  showSubscription(status) {
    this.#subscription = status;
    this.#showState();
  }

  #showState() {
    const isRefused = ["denied", "failing"].includes(this.#subscription.state);
    const { message = "" } = isRefused ? this.#subscription : this.#connection;
    $("refusal").textContent = message;
    $("refusal").hidden = !message;
    const isLive = this.#connection.state === "live";
    const { state, retryAt } = isLive && isRefused ? this.#subscription : this.#connection;
    document.body.dataset.connection = state;
    $("connection").textContent = LABELS[state];
    $("retry").hidden = !["waiting", "offline", "denied"].includes(state) || isLive;
    clearInterval(this.#countdown);
    $("countdown").textContent = "";
    if (state === "live") this.#composer.forgive();
    if (retryAt === undefined) return;
    const tick = () => {
      const seconds = Math.ceil((retryAt - Date.now()) / 1000);
      $("countdown").textContent = seconds > 0 ? `in ${seconds} s` : "";
    };
    tick();
    this.#countdown = setInterval(tick, 250);
  }

  showMessages(messages) {
    this.#messages = messages;
    this.#drawSoon();
  }

  showPending(pending) {
    this.#pending = pending;
    this.#drawSoon();
  }

  // Draws at most once per frame, however fast the events come.
  #drawSoon() {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const draw = () => this.#draw();
    if (document.hidden) setTimeout(draw);
    else requestAnimationFrame(draw);
  }

  #draw() {
    this.#isScheduled = false;
    const shown = new Set([...this.#messages.keys(), ...this.#pending.map(({ id }) => id)]);
    for (const [id, { article }] of this.#drawn) {
      if (shown.has(id)) continue;
      article.remove();
      this.#drawn.delete(id);
    }
    let position = 0;
    for (const [id, message] of this.#messages) this.#place(id, message, fill, position++);
    for (const message of this.#pending) this.#place(message.id, message, fillPending, position++);
    $("welcome").hidden = shown.size > 0;
    this.#composer.showAnswering(answering(this.#messages) !== undefined);
    this.#nameTab();
    if (this.#following) this.#follow();
    $("messages").ariaLive = "polite"; // from now on: the old messages are no news
  }

  #place(id, message, fillArticle, position) {
    const drawn = this.#drawn.get(id) ?? { article: newArticle(id) };
    if (drawn.message !== message) fillArticle(drawn.article, message);
    drawn.message = message;
    this.#drawn.set(id, drawn);
    const there = $("messages").children[position];
    if (there !== drawn.article) $("messages").insertBefore(drawn.article, there ?? null);
  }

  #nameTab() {
    const [first] = this.#messages.values();
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
