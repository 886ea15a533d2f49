// Tells the server who the client is, and tells it again before that expires.

/** @import { Environment, StreamOptions } from "./sessionstream.d.ts" */
/** @import { Link } from "./link.js" */

const RENEWED_AT = 0.8; // of the time that is left
const LONGEST_MS = 2 ** 31 - 1; // that a timer can wait

export class Login {
  #environment;
  #token;
  /** @type {Link | null} */
  #link = null;
  /** @type {unknown} */
  #timer = null;

  /**
   * @param {Environment} environment
   * @param {StreamOptions["token"]} token
   */
  constructor(environment, token) {
    this.#environment = environment;
    this.#token = token;
  }

  /**
   * Sends a token; a token that comes when the link is not the present one any more is not sent.
   * @param {Link} link
   * @param {() => void} failed
   */
  async send(link, failed) {
    this.#link = link;
    try {
      const token = (await this.#token?.()) ?? "";
      if (this.#link === link) link.send({ authenticate: { token } });
    } catch {
      if (this.#link === link) failed();
    }
  }

  /**
   * @param {number} expiresInMs Zero where it never expires.
   * @param {Link} link
   * @param {() => void} failed
   */
  renewBefore(expiresInMs, link, failed) {
    this.#environment.clearTimeout(this.#timer);
    if (!expiresInMs) return;
    const ms = Math.min(expiresInMs * RENEWED_AT, LONGEST_MS);
    this.#timer = this.#environment.setTimeout(() => this.send(link, failed), ms);
  }

  /** The link is gone. */
  forget() {
    this.#environment.clearTimeout(this.#timer);
    this.#link = null;
  }
}
