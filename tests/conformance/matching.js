// Whether a frame is the one that a case expects; as matching.py.

const ZEROS = ["0", 0, "", false, "SNAPSHOT", "SNAPSHOT_SENT", "AS_REQUESTED"];
const ANY = "$any";

export class Placeholders {
  /** @type {Map<string, any>} */
  #values = new Map();

  /**
   * Whether they are the same; takes note of what a new placeholder stands for.
   * @param {any} expected
   * @param {any} got
   * @returns {boolean}
   */
  matches(expected, got) {
    if (typeof expected === "string" && expected.startsWith("$")) {
      if (expected === ANY) return true;
      if (!this.#values.has(expected)) this.#values.set(expected, got);
      return this.#values.get(expected) === got;
    }
    if (!isObject(expected) || !isObject(got)) return expected === got;
    const keys = Object.keys(expected);
    if (Array.isArray(expected) !== Array.isArray(got)) return false;
    if (keys.length !== Object.keys(got).length) return false;
    return keys.every((key) => key in got && this.matches(expected[key], got[key]));
  }

  /**
   * Returns the tree with what its placeholders stand for.
   * @param {any} tree
   * @returns {any}
   */
  filled(tree) {
    if (typeof tree === "string") return this.#values.get(tree) ?? tree;
    return mapped(tree, (each) => this.filled(each));
  }

  /**
   * Returns a frame as a sender may write it: filled, and `$any` is not there.
   * @param {any} frame
   */
  concrete(frame) {
    return mapped(this.filled(frame), (value) => (value === ANY ? {} : given(value)));
  }
}

/**
 * Returns the tree without what need not be written.
 * @param {any} tree
 * @returns {any}
 */
export function withoutZeros(tree) {
  if (Array.isArray(tree) || !isObject(tree)) return mapped(tree, withoutZeros);
  const kept = Object.entries(tree)
    .map(([key, value]) => [key, key === "payload" ? value : withoutZeros(value)])
    .filter(([, value]) => !ZEROS.includes(value) && !(Array.isArray(value) && value.length === 0));
  return Object.fromEntries(kept);
}

/**
 * @param {any} tree
 * @returns {any}
 */
function given(tree) {
  if (Array.isArray(tree)) return tree.filter((each) => each !== ANY).map(given);
  if (!isObject(tree)) return tree;
  const kept = Object.entries(tree).filter(([, value]) => value !== ANY);
  return Object.fromEntries(kept.map(([key, value]) => [key, given(value)]));
}

/**
 * @param {any} tree
 * @param {(each: any) => any} step
 */
function mapped(tree, step) {
  if (Array.isArray(tree)) return tree.map(step);
  if (!isObject(tree)) return tree;
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, step(value)]));
}

/** @param {any} value */
function isObject(value) {
  return typeof value === "object" && value !== null;
}
