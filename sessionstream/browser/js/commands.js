// Commands without an outcome yet, in the order in which they were given. Each is sent
// on every connection until its outcome is known, always with the same id: the server
// runs it once.
//
//   answer                               what becomes of it
//   ACCEPTED, DUPLICATE                  waits for its outcome
//   COMPLETED                            done
//   REJECTED unauthenticated, and        waits for the next connection
//     unavailable from a server that ends
//   REJECTED unavailable, rate_limited   sent again after a pause, where it was sent
//                                        before: it may have been run
//   all others                           failed

/** @import { CommandOptions } from "./sessionstream.d.ts" */
/** @import { ClientFrame, CommandAckFrame } from "./wire.d.ts" */
/** @import { Request } from "./pending.js" */

import { idProblem } from "./ids.js";
import { copied } from "./payload.js";
import { PendingCommand } from "./pending.js";

const TEMPORARY = new Set(["unavailable", "rate_limited"]);

/**
 * What the commands need of the connection.
 * @typedef {object} Port
 * @property {(frame: ClientFrame) => boolean} send Whether the frame went out.
 * @property {(failures: number, run: () => void) => () => void} later Runs it after a pause;
 *   returns what forgets it.
 */

export class Commands {
  #port;
  /** @type {Set<PendingCommand>} */
  #pending = new Set();
  #count = 0;
  // Of this connection only: an acknowledgement can't be of an older one.
  #isAttached = false;
  #isLeaving = false;
  #maxFrameBytes = Infinity;
  /** @type {Map<string, PendingCommand>} */
  #requests = new Map();
  // What was refused for now, and is sent again together.
  /** @type {Set<PendingCommand>} */
  #refused = new Set();
  #refusals = 0;
  #forgetRetry = () => {};

  /** @param {Port} port */
  constructor(port) {
    this.#port = port;
  }

  /**
   * Takes in a command, and sends it where there is a connection.
   * @param {Omit<Request, "payload"> & { payload: unknown }} given
   * @param {CommandOptions["onStatus"]} onStatus
   */
  add({ payload, ...named }, onStatus) {
    const { request, code, problem } = checked(named, payload);
    const command = new PendingCommand(request, onStatus, () => this.#pending.delete(command));
    const isTwin = (/** @type {PendingCommand} */ other) => other.isSameAs(command);
    const isKnown = Array.from(this.#pending).some(isTwin);
    this.#pending.add(command);
    if (problem) command.fail(code, problem, true);
    else if (isKnown) command.fail("duplicate_id", "A command of this id is under way.", false);
    else this.#transmit(command);
    return command;
  }

  /**
   * Sends all that have no outcome: there is a connection.
   * @param {number} maxFrameBytes
   */
  attach(maxFrameBytes) {
    this.#isAttached = true;
    this.#maxFrameBytes = maxFrameBytes;
    this.flush();
  }

  /** Sends those that the connection did not take up to now. */
  flush() {
    const taken = new Set([...this.#requests.values(), ...this.#refused]);
    for (const each of Array.from(this.#pending)) if (!taken.has(each)) this.#transmit(each);
  }

  /** Takes note that the server ends: what it does not take is for the next one. */
  expectEnd() {
    this.#isLeaving = true;
  }

  /** Forgets which requests were made: the connection is gone. */
  detach() {
    this.#isAttached = this.#isLeaving = false;
    this.#requests.clear();
    this.#refused.clear();
    this.#refusals = 0;
    this.#forgetRetry();
  }

  /** @param {CommandAckFrame} frame */
  acknowledge({ requestId = "", status, code = "", message = "", headOrdinal = "0" }) {
    const command = this.#requests.get(requestId);
    if (!command) return;
    const head = BigInt(headOrdinal);
    if (status === "ACCEPTED" || status === "DUPLICATE") return command.accept(head);
    this.#requests.delete(requestId);
    if (status === "COMPLETED") command.complete(head);
    else if (status === "CONFLICT") command.fail(code || "conflict", message, true);
    else if (status === "REJECTED") this.#reject(command, code || "rejected", message);
    else command.fail(code || "failed", message, false);
  }

  /**
   * Gives up on all of them.
   * @param {string} code
   * @param {string} message
   */
  failAll(code, message) {
    for (const command of Array.from(this.#pending)) {
      command.fail(code, message, command.status === "waiting");
    }
  }

  /**
   * @param {PendingCommand} command
   * @param {string} code
   * @param {string} message
   */
  #reject(command, code, message) {
    if (code === "unauthenticated" || (code === "unavailable" && this.#isLeaving)) return;
    const wasSentBefore = command.sends > 1;
    if (wasSentBefore && TEMPORARY.has(code)) this.#sendLater(command);
    else command.fail(code, message, !wasSentBefore);
  }

  /** @param {PendingCommand} command */
  #sendLater(command) {
    this.#refused.add(command);
    if (this.#refused.size > 1) return;
    this.#forgetRetry = this.#port.later(this.#refusals++, () => {
      const refused = Array.from(this.#refused);
      this.#refused.clear();
      for (const each of refused) this.#transmit(each);
    });
  }

  /** @param {PendingCommand} command */
  #transmit(command) {
    if (!this.#isAttached || command.hasEnded) return;
    const requestId = String(++this.#count);
    const frame = { command: { requestId, ...command.request } };
    if (new TextEncoder().encode(JSON.stringify(frame)).length > this.#maxFrameBytes) {
      command.fail("too_large", "The server takes no command that large.", command.sends === 0);
    } else if (this.#port.send(frame)) {
      this.#requests.set(requestId, command);
      command.markSent();
    }
  }
}

/**
 * Returns the request, and what is wrong with it, if anything: for the server's code, or for a person.
 * @param {Omit<Request, "payload">} named
 * @param {unknown} payload
 * @returns {{ request: Request, code: string, problem: string }}
 */
function checked(named, payload) {
  const problem = idProblem("session", named.sessionId) || idProblem("command", named.commandId);
  try {
    return { request: { ...named, payload: copied(payload) }, code: "protocol_error", problem };
  } catch (error) {
    const [reason] = String(error instanceof Error ? error.message : error).split("\n", 1);
    const said = `The payload can't be sent: ${reason}.`;
    return { request: { ...named, payload: {} }, code: "bad_payload", problem: said };
  }
}
