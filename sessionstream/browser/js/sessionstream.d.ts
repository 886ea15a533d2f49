/**
 * Sessions of a sessionstream server, live in a browser.
 *
 * Ordinals are uint64 and so bigint here; inside payloads, which are protobuf
 * JSON, they are strings. Neither is ever a number.
 */

/** One UI event. A generated module has a union of them by name. */
export interface UIEvent {
  readonly name: string;
  readonly payload: object;
}

/** One entity of a snapshot. A generated module has a union of them by kind. */
export interface Entity {
  readonly kind: string;
  readonly id: string;
  readonly createdOrdinal: bigint;
  readonly lastEventOrdinal: bigint;
  readonly payload: object;
}

/** The whole of a session: it replaces what was known. */
export interface SnapshotUpdate<K extends Entity = Entity> {
  readonly type: "snapshot";
  readonly ordinal: bigint;
  readonly entities: readonly K[];
}

/** All UI events of one event; the ordinal is 0n where that was ephemeral. */
export interface EventsUpdate<E extends UIEvent = UIEvent> {
  readonly type: "events";
  readonly ordinal: bigint;
  readonly events: readonly E[];
}

export type Update<E extends UIEvent = UIEvent, K extends Entity = Entity> =
  | SnapshotUpdate<K>
  | EventsUpdate<E>;

/**
 * What to do with a session's updates. They come in order, each once per
 * epoch, whatever happens to the connection.
 */
export interface View<S, U extends Update = Update> {
  /** The state before the first snapshot. */
  readonly initial: S;
  /** Returns the next state; used for snapshots and live updates alike. */
  reduce(state: S, update: U): S;
  /** Shows a state after the update that led to it. */
  show?(state: S, update: U): void;
  /** Told how the subscription stands, whenever that changes. */
  status?(status: SubscriptionStatus): void;
}

/**
 * `loading`: what came before is on its way. `live`: it is all there.
 * `failing`: the server could not read the session; it is asked again.
 * `denied`: this client may not see it, or no session can be meant; it is asked
 * for again on the next connection only.
 */
export type SubscriptionStatus =
  | { readonly state: "loading" }
  | { readonly state: "live" }
  | { readonly state: "failing"; readonly code: string; readonly message: string }
  | { readonly state: "denied"; readonly code: string; readonly message: string };

/** The names that a view is for; what a newer server says besides is left out. */
export interface Known {
  readonly uiEvents: readonly string[];
  readonly entities: readonly string[];
}

export interface Subscription<S> {
  readonly sessionId: string;
  /** What `reduce` returned last. */
  readonly state: S;
  readonly status: SubscriptionStatus;
  /** Ends it: its view is not called any more. May be called twice. */
  close(): void;
}

/**
 * How the connection stands; `retryAt` is in the time of `Date.now()`.
 *
 * `live`: every subscription is up to date or has its own trouble. `offline`:
 * the browser knows of no network. That is a hint only: a connection is kept while
 * it answers, and attempts go on all the same. `denied`: the server does
 * not know the client, or has sent it away; only `reconnect` tries again.
 */
export type ConnectionState =
  | { readonly state: "connecting" }
  | { readonly state: "live" }
  | { readonly state: "waiting"; readonly retryAt: number }
  | { readonly state: "offline"; readonly retryAt: number }
  | { readonly state: "denied"; readonly code: string; readonly message: string }
  | { readonly state: "closed" };

/**
 * `waiting` for a connection: it has not left the browser. `sent`: it may have
 * arrived. `accepted`: the server has stored it. `completed`, `failed`: the end.
 */
export type CommandStatus = "waiting" | "sent" | "accepted" | "completed" | "failed";

export interface CommandOptions {
  /** Names the command in its session: sent twice, it runs once. Default: a random one. */
  readonly commandId?: string;
  /** The ordinal that the session's last event has to have. */
  readonly expectedOrdinal?: bigint;
  /** Told whenever the status changes. */
  onStatus?(status: CommandStatus): void;
}

/** What the server said of a command; the ordinal is that of the session's last event. */
export interface Receipt {
  readonly commandId: string;
  readonly headOrdinal: bigint;
}

/** A command on its way. It is sent again after every reconnection, until its outcome is known. */
export interface Sent {
  readonly commandId: string;
  readonly status: CommandStatus;
  /** Resolves when the server has stored the command; rejects with a `CommandError`. */
  readonly accepted: Promise<Receipt>;
  /** Resolves when its handler has returned; rejects with a `CommandError`. */
  readonly completed: Promise<Receipt>;
  /** Takes back a command that has not left the browser; returns whether that was so. */
  cancel(): boolean;
}

/**
 * Why a command was not run, or failed. The `code` is the server's, or one of
 * `cancelled`, `closed`, `denied`, `too_large`, `duplicate_id`, `bad_payload` and
 * `protocol_error` (an id that is none), where the browser gave up; the `message` is a sentence for people.
 */
export declare class CommandError extends Error {
  readonly name: "CommandError";
  readonly code: string;
  readonly commandId: string;
  /** Whether it is known that nothing was run. */
  readonly notRun: boolean;
  constructor(code: string, message: string, commandId: string, notRun: boolean);
}

export interface StreamOptions {
  /** Told how the connection stands, first before the constructor returns. */
  onState?(state: ConnectionState): void;
  /** Gives the token for a server that asks for one, anew each time. */
  token?(): string | Promise<string>;
  /** Pauses between attempts are random, up to a ceiling that doubles from the first to the second. */
  readonly backoffMs?: readonly [first: number, last: number];
  /** What to use in place of the browser's own. */
  readonly environment?: Partial<Environment>;
}

/** A connection to a server that mends itself. */
export declare class SessionStream {
  /** Connects; a relative URL is relative to the page, and may begin with http or ws. */
  constructor(url: string | URL, options?: StreamOptions);
  readonly state: ConnectionState;
  /**
   * Follows a session. Throws a `RangeError` where no session can have this id: a text of 1
   * to 512 characters (code points) without lone surrogates. Throws an `Error` where it is
   * followed already, or the connection was closed for good.
   */
  subscribe<S, U extends Update = Update>(
    sessionId: string,
    view: View<S, U>,
    known?: Known,
  ): Subscription<S>;
  /**
   * Sends a command; the payload is protobuf JSON with its `@type`. It is copied at once.
   * A bigint goes out as a decimal string, a number that is NaN or infinite as its name. What
   * JSON can't carry otherwise (a cycle, no object) fails the command with the code
   * `bad_payload`. Never throws.
   */
  command(sessionId: string, name: string, payload: object, options?: CommandOptions): Sent;
  /** Connects at once where there is no connection; checks the one that there is. */
  reconnect(): void;
  /** Ends everything, for good. Commands without an outcome fail. May be called twice. */
  close(): void;
}

/** What the runtime needs of the browser. */
export interface Environment {
  connect(url: string, protocol: string): Socket;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  /** Milliseconds since 1970. */
  now(): number;
  /** From 0 up to 1. */
  random(): number;
  /** Null where there is none, as in a worker. */
  readonly page: Page | null;
}

/** The part of a WebSocket that is used. */
export interface Socket {
  readonly readyState: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number): void;
}

/** Where the browser tells of the network and of the tab's sleep. */
export interface Page {
  readonly window: EventTarget;
  readonly document: EventTarget & { readonly hidden: boolean };
  readonly navigator: { readonly onLine: boolean };
}
