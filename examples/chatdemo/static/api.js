// Commands, until they travel over the socket: two POSTs and the configuration.

const TIMEOUT_MS = 10_000;

// Resolves when the server has accepted the command; rejects with an Error whose
// message is a sentence for people.
export async function post(path, body) {
  let response;
  try {
    response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    throw new Error("The server can't be reached.");
  }
  if (response.ok) return;
  const answer = await response.json().catch(() => ({}));
  throw new Error(answer.error ?? `The server answered with status ${response.status}.`);
}

// Resolves with the server's configuration; with an empty one while it is down.
export async function config() {
  try {
    return await (await fetch("/api/config")).json();
  } catch {
    return {};
  }
}
