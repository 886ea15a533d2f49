// Commands without an outcome yet, in the order in which they were given.

/** @import { CommandOptions, CommandStatus, Receipt, Sent } from "./sessionstream.d.ts" */
/** @import { CommandAckFrame, CommandRequest } from "./wire.d.ts" */

import { guarded } from "./environment.js";

export class CommandError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {string} commandId
   * @param {boolean} notRun
   */
  constructor(code, message, commandId, notRun) {
    super(message || code);
    this.name = /** @type {const} */ ("CommandError");
    this.code = code;
    this.commandId = commandId;
    this.notRun = notRun;
  }
}

export class Commands {
  /** @type {Set<PendingCommand>} */
  #pending = new Set();
  // Of this connection only: an acknowledgement can't be of an older one.
  /** @type {Map<string, PendingCommand>} */
  #requests = new Map();
  #count = 0;

  /**
   * Takes in a command; it is not sent yet.
   * @param {Omit<CommandRequest, "requestId">} request
   * @param {CommandOptions["onStatus"]} onStatus
   */
  add(request, onStatus) {
    const command = new PendingCommand(request, onStatus, () => this.#pending.delete(command));
    const isTwin = (/** @type {PendingCommand} */ other) => other.isSameAs(command);
    const isKnown = Array.from(this.#pending).some(isTwin);
    this.#pending.add(command);
    if (isKnown) command.fail("duplicate_id", "A command of this id is under way.", false);
    return command;
  }

  /** Forgets which requests were made: the connection is another one. */
  detach() {
    this.#requests.clear();
  }

  /** Returns the commands to send on a new connection. */
  get pending() {
    return Array.from(this.#pending);
  }

  /**
   * Returns the frame's content for sending a command on this connection.
   * @param {PendingCommand} command
   * @returns {CommandRequest}
   */
  request(command) {
    const requestId = String(++this.#count);
    this.#requests.set(requestId, command);
    return { requestId, ...command.request };
  }

  /** @param {CommandAckFrame} frame */
  acknowledge({ requestId = "", status, code = "", message = "", headOrdinal = "0" }) {
    const command = this.#requests.get(requestId);
    if (!command) return;
    const head = BigInt(headOrdinal);
    if (status === "ACCEPTED" || status === "DUPLICATE") return command.accept(head);
    this.#requests.delete(requestId);
    if (status === "COMPLETED") return command.complete(head);
    const isRefused = status === "CONFLICT" || status === "REJECTED";
    command.fail(code || (isRefused ? "rejected" : "failed"), message, isRefused);
  }

  /**
   * Gives up on all of them.
   * @param {string} code
   * @param {string} message
   */
  failAll(code, message) {
    for (const command of this.pending) command.fail(code, message, command.status === "waiting");
  }
}

/** @implements {Sent} */
export class PendingCommand {
  /** @type {CommandStatus} */
  #status = "waiting";
  #onStatus;
  #ended;
  /** @type {PromiseWithParts} */
  #accepted = withParts();
  /** @type {PromiseWithParts} */
  #completed = withParts();

  /**
   * @param {Omit<CommandRequest, "requestId">} request
   * @param {CommandOptions["onStatus"]} onStatus
   * @param {() => void} ended
   */
  constructor(request, onStatus, ended) {
    this.request = request;
    this.#onStatus = onStatus;
    this.#ended = ended;
  }

  get commandId() {
    return this.request.commandId;
  }

  get status() {
    return this.#status;
  }

  get accepted() {
    return this.#accepted.promise;
  }

  get completed() {
    return this.#completed.promise;
  }

  cancel() {
    if (this.#status !== "waiting") return false;
    this.fail("cancelled", "The command was taken back.", true);
    return true;
  }

  /** @param {PendingCommand} other */
  isSameAs({ request }) {
    const { commandId, sessionId } = this.request;
    return commandId === request.commandId && sessionId === request.sessionId;
  }

  markSent() {
    if (this.#status === "waiting") this.#become("sent");
  }

  /** @param {bigint} headOrdinal */
  accept(headOrdinal) {
    this.#accepted.resolve({ commandId: this.commandId, headOrdinal });
    if (this.#status === "sent") this.#become("accepted");
  }

  /** @param {bigint} headOrdinal */
  complete(headOrdinal) {
    const receipt = { commandId: this.commandId, headOrdinal };
    this.#accepted.resolve(receipt);
    this.#completed.resolve(receipt);
    this.#end("completed");
  }

  /**
   * @param {string} code
   * @param {string} message
   * @param {boolean} notRun
   */
  fail(code, message, notRun) {
    const error = new CommandError(code, message, this.commandId, notRun);
    this.#accepted.reject(error);
    this.#completed.reject(error);
    this.#end("failed");
  }

  /** @param {CommandStatus} status */
  #end(status) {
    this.#ended();
    this.#become(status);
  }

  /** @param {CommandStatus} status */
  #become(status) {
    this.#status = status;
    guarded(() => this.#onStatus?.(status));
  }
}

/**
 * @typedef {object} PromiseWithParts
 * @property {Promise<Receipt>} promise
 * @property {(receipt: Receipt) => void} resolve
 * @property {(error: Error) => void} reject
 */

/** @returns {PromiseWithParts} */
function withParts() {
  /** @type {(receipt: Receipt) => void} */
  let resolve = () => {};
  /** @type {(error: Error) => void} */
  let reject = () => {};
  /** @type {Promise<Receipt>} */
  const promise = new Promise((...parts) => ([resolve, reject] = parts));
  promise.catch(() => {}); // who looks at one of the two promises need not look at both
  return { promise, resolve, reject };
}
