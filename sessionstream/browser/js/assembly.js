// One session's frames, put together: what comes in parts is given out whole, and
// what is there already is left out. Nothing here knows of sockets or time.

/** @import { Entity, EventsUpdate, SnapshotUpdate, UIEvent } from "./sessionstream.d.ts" */
/** @import { AnyJson, PositionFrame, SnapshotEntity, SnapshotFrame } from "./wire.d.ts" */
/** @import { SubscribeRequest, UIEventFrame } from "./wire.d.ts" */

/** @typedef {{ ordinal: bigint, events: UIEvent[] }} Batch */

/** Something between the position and a frame is missing. */
export const GAP = "gap";

/** @typedef {SnapshotUpdate | EventsUpdate | typeof GAP | null} Assembled */

export class Assembly {
  #sessionId;
  // The position: the last ordinal of which everything was given out, and whose life it is of.
  #ordinal = 0n;
  #epoch = "";
  #isPlaced = false; // has had a snapshot
  #missed = 0n; // the last ordinal that came and could not be given out
  /** @type {Entity[]} */
  #entities = [];
  #parts = 0;
  /** @type {Batch | null} */
  #stored = null;
  /** @type {Batch | null} */
  #ephemeral = null;

  /** @param {string} sessionId */
  constructor(sessionId) {
    this.#sessionId = sessionId;
  }

  /**
   * Forgets what has come in part, and asks for what follows the position.
   * @returns {SubscribeRequest}
   */
  restart() {
    this.#entities = [];
    this.#parts = 0;
    this.#stored = this.#ephemeral = null;
    return {
      sessionId: this.#sessionId,
      mode: this.#isPlaced ? "RESUME" : "SNAPSHOT",
      sinceSnapshotOrdinal: String(this.#ordinal),
      sinceEpoch: this.#epoch,
    };
  }

  /**
   * Takes a snapshot or a part of one; returns it when the last part is there.
   * @param {SnapshotFrame} frame
   * @returns {Assembled}
   */
  snapshot({ snapshotOrdinal = "0", entities = [], epoch = "", partIndex = 0, partCount = 1 }) {
    if (partIndex === 0) {
      this.#entities = [];
      this.#parts = 0;
    }
    if (partIndex !== this.#parts) {
      this.#isPlaced = false;
      return GAP;
    }
    this.#parts++;
    for (const each of entities) if (!each.tombstone) this.#entities.push(entity(each));
    if (this.#parts < partCount) return null;
    const whole = this.#entities;
    this.#entities = [];
    this.#parts = 0;
    this.#stored = this.#ephemeral = null;
    this.#ordinal = BigInt(snapshotOrdinal);
    this.#epoch = epoch;
    this.#isPlaced = true;
    this.#missed = 0n;
    return { type: "snapshot", ordinal: this.#ordinal, entities: whole };
  }

  /**
   * Takes one UI event; returns its batch when that is complete.
   * @param {UIEventFrame} frame
   * @returns {Assembled}
   */
  uiEvent({ eventOrdinal = "0", previousOrdinal = "0", batchIndex = 0, batchSize = 1, ...event }) {
    const ordinal = BigInt(eventOrdinal);
    const isStored = ordinal > 0n;
    if (!this.#isPlaced || (isStored && ordinal <= this.#ordinal)) return null;
    if (isStored && BigInt(previousOrdinal) > this.#ordinal) return this.#miss(ordinal);
    const begun = isStored ? this.#stored : this.#ephemeral;
    const batch = batchIndex === 0 ? { ordinal, events: [] } : begun;
    if (batch?.ordinal !== ordinal || batch.events.length !== batchIndex) {
      return isStored ? this.#miss(ordinal) : null;
    }
    batch.events.push({ name: event.name ?? "", payload: fields(event.payload) });
    const isWhole = batch.events.length >= batchSize;
    if (isStored) this.#stored = isWhole ? null : batch;
    else this.#ephemeral = isWhole ? null : batch;
    if (!isWhole) return null;
    if (isStored) this.#ordinal = ordinal;
    return { type: "events", ordinal, events: batch.events };
  }

  /** Whether there is no snapshot, or something came in part, or too early, and no more of it. */
  get isTorn() {
    const isInPart = this.#parts > 0 || this.#stored !== null;
    return !this.#isPlaced || isInPart || this.#missed > this.#ordinal;
  }

  /**
   * @param {bigint} ordinal
   * @returns {typeof GAP}
   */
  #miss(ordinal) {
    if (ordinal > this.#missed) this.#missed = ordinal;
    return GAP;
  }

  /**
   * Takes note that everything up to an ordinal was sent.
   * @param {PositionFrame} frame
   * @returns {typeof GAP | null}
   */
  advance({ epoch = "", headOrdinal = "0" }) {
    const head = BigInt(headOrdinal);
    if (epoch !== this.#epoch || head <= this.#ordinal) return null;
    if (this.#stored) return this.#miss(head);
    this.#ordinal = head;
    return null;
  }
}

/**
 * @param {SnapshotEntity} given
 * @returns {Entity}
 */
function entity({ kind = "", id = "", createdOrdinal = "0", lastEventOrdinal = "0", payload }) {
  return {
    kind,
    id,
    createdOrdinal: BigInt(createdOrdinal),
    lastEventOrdinal: BigInt(lastEventOrdinal),
    payload: fields(payload),
  };
}

/**
 * Returns the message in an Any: readers of its JSON know no `@type`.
 * @param {AnyJson | undefined} any
 * @returns {object}
 */
function fields(any) {
  const { "@type": type, ...message } = any ?? {};
  return message;
}
