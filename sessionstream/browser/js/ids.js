// Which texts can name a session or a command: the server's rule.

const MAX_CHARACTERS = 512;

/**
 * Returns a random id. Not crypto.randomUUID(): that one is missing where a page
 * came over plain HTTP.
 */
export function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Returns what is wrong with an id; empty where nothing is.
 * @param {string} what Whose id it is to be.
 * @param {unknown} id
 */
export function idProblem(what, id) {
  // A lone surrogate has no form in UTF-8: no frame could carry it.
  const isText = typeof id === "string" && !/\p{Surrogate}/u.test(id);
  const count = isText ? Array.from(id).length : 0;
  if (0 < count && count <= MAX_CHARACTERS) return "";
  return `The id of a ${what} is a text of 1 to ${MAX_CHARACTERS} valid characters.`;
}
