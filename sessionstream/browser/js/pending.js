// One command, from the moment it was given to its outcome.

/** @import { CommandOptions, CommandStatus, Receipt, Sent } from "./sessionstream.d.ts" */
/** @import { CommandRequest } from "./wire.d.ts" */

import { guarded } from "./environment.js";

/** @typedef {Omit<CommandRequest, "requestId">} Request */

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

/** @implements {Sent} */
export class PendingCommand {
  /** @type {CommandStatus} */
  #status = "waiting";
  #onStatus;
  #ended;
  #sends = 0;
  /** @type {PromiseWithParts} */
  #accepted = withParts();
  /** @type {PromiseWithParts} */
  #completed = withParts();

  /**
   * @param {Request} request
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

  /** On how many connections it has left the browser, or how often on one. */
  get sends() {
    return this.#sends;
  }

  get hasEnded() {
    return this.#status === "completed" || this.#status === "failed";
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
    this.#sends++;
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
    if (this.hasEnded) return;
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
