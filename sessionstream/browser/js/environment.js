// What the runtime takes from the browser, in one place, so that a test can give another.

/** @import { Environment, Page } from "./sessionstream.d.ts" */

/** @returns {Environment} */
export function browser() {
  return {
    connect: (url, protocol) => new WebSocket(url, protocol),
    setTimeout: (run, ms) => setTimeout(run, ms),
    clearTimeout: (timer) => clearTimeout(/** @type {number} */ (timer)),
    now: () => Date.now(),
    random: () => Math.random(),
    page: typeof document === "undefined" ? null : { window, document, navigator },
  };
}

/**
 * Tells of what makes a connection doubtful, until the returned function is called.
 *
 * A tab that the browser puts to sleep hears nothing: `sleep` is the last
 * moment before that. After `wake` whatever was known may be old.
 * @param {Page | null} page
 * @param {{ wake(): void, sleep(): void, online(): void, offline(): void }} listener
 * @returns {() => void}
 */
export function watchPage(page, { wake, sleep, online, offline }) {
  if (!page) return () => {};
  const { window, document } = page;
  const listening = new AbortController();
  const options = { signal: listening.signal };
  window.addEventListener("online", online, options);
  window.addEventListener("offline", offline, options);
  window.addEventListener("pageshow", wake, options);
  window.addEventListener("pagehide", sleep, options);
  document.addEventListener("freeze", sleep, options);
  document.addEventListener("resume", wake, options);
  document.addEventListener("visibilitychange", () => document.hidden || wake(), options);
  return () => listening.abort();
}

/**
 * Runs what the application gave; its errors are its own, and end nothing here.
 * @param {() => void} run
 */
export function guarded(run) {
  try {
    run();
  } catch (error) {
    if (typeof reportError === "function") reportError(error);
    else console.error(error);
  }
}
