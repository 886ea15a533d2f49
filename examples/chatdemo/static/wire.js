// The connection to the server: one session, one WebSocket at a time.
//
// What a listener may rely on: a snapshot comes first and replaces all that was
// known; what follows it is live and in order; nothing of a socket that has been
// given up is ever delivered.

const BACKOFF_BASE_MS = 500;
const BACKOFF_CAP_MS = 15_000;
const SUBSCRIBE_TIMEOUT_MS = 10_000;
const PING_INTERVAL_MS = 15_000;

export class Connection {
  #url;
  #sessionId;
  #listener;
  #socket = null;
  // Counts the sockets; a callback of an older one is void.
  #generation = 0;
  #failures = 0;
  #retryTimer = 0;
  #watchdog = 0;
  #silent = false;

  // listener: { status({state, retryAt}), snapshot(frame), uiEvent(frame) }, where
  // state is "connecting", "live" or "waiting" (then retryAt is in Date.now() time).
  constructor(url, sessionId, listener) {
    this.#url = url;
    this.#sessionId = sessionId;
    this.#listener = listener;
    addEventListener("online", () => this.retryNow());
    document.addEventListener("visibilitychange", () => document.hidden || this.retryNow());
  }

  // Opens a new socket and gives up the one before.
  open() {
    this.#abandon();
    const generation = this.#generation;
    const current = (callback) => (event) => generation === this.#generation && callback(event);
    this.#listener.status({ state: "connecting" });
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = current(() => {
      this.#send({ subscribe: { sessionId: this.#sessionId, sinceSnapshotOrdinal: "0" } });
    });
    socket.onmessage = current((event) => this.#receive(JSON.parse(event.data)));
    socket.onclose = current(() => this.#retryLater());
    this.#watchdog = setTimeout(() => this.#retryLater(), SUBSCRIBE_TIMEOUT_MS);
  }

  // Cuts a wait short; without one, does nothing.
  retryNow() {
    if (this.#retryTimer) this.open();
  }

  #receive(frame) {
    this.#silent = false;
    if (frame.snapshot) this.#listener.snapshot(frame.snapshot);
    else if (frame.uiEvent) this.#listener.uiEvent(frame.uiEvent);
    else if (frame.subscribed) this.#becomeLive();
    else if (frame.ping) this.#send({ pong: frame.ping });
    else if (frame.error) this.#retryLater();
  }

  #becomeLive() {
    this.#failures = 0;
    clearTimeout(this.#watchdog);
    this.#watchdog = setInterval(() => this.#checkPulse(), PING_INTERVAL_MS);
    this.#listener.status({ state: "live" });
  }

  // A dead network closes no socket: one that stays silent after a ping is given up.
  #checkPulse() {
    if (this.#silent) return this.#retryLater();
    this.#silent = true;
    this.#send({ ping: { nonce: String(Date.now()) } });
  }

  // Full jitter: a restarted server is not met by all of its pages at once.
  #retryLater() {
    this.#abandon();
    const ceiling = Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** this.#failures++);
    const delay = Math.random() * ceiling;
    this.#retryTimer = setTimeout(() => this.open(), delay);
    this.#listener.status({ state: "waiting", retryAt: Date.now() + delay });
  }

  #abandon() {
    this.#generation++;
    clearTimeout(this.#retryTimer);
    clearInterval(this.#watchdog);
    this.#retryTimer = 0;
    this.#silent = false;
    this.#socket?.close();
    this.#socket = null;
  }

  #send(frame) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }
}
