// What a page imports. Types and what may be relied on: sessionstream.d.ts.

export { CommandError } from "./pending.js";
export { SessionStream } from "./stream.js";
