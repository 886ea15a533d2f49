// What a command carries, as protobuf JSON.

/**
 * Returns a copy that JSON carries without loss, and that nobody changes: a command may be
 * sent again long after it was given. Integers of 64 bits are texts in protobuf
 * JSON, and so are numbers that are none.
 * @param {unknown} payload
 * @returns {object}
 * @throws {TypeError} It is no object, or JSON can't carry it.
 */
export function copied(payload) {
  const text = JSON.stringify(payload, (_, value) => carried(value));
  const copy = text === undefined ? null : JSON.parse(text);
  if (typeof copy !== "object" || copy === null || Array.isArray(copy)) {
    throw new TypeError("it is no object");
  }
  return copy;
}

/** @param {unknown} value */
function carried(value) {
  const isText = typeof value === "bigint" || (typeof value === "number" && !Number.isFinite(value));
  return isText ? String(value) : value;
}
