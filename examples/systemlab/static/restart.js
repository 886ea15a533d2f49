// Page 5: two processes that are killed for real.

import { button, byId, el, field, followTrace, offerFaults, post, showChecks, table } from "./lab.js";

const events = el("input", { type: "number", min: "1", max: "1000", value: "100" });
const after = el("input", { type: "number", min: "0", max: "900", value: "50" });
const shown = el("div", { "aria-live": "polite" });

byId("exercise").append(
  el("h2", {}, "Two processes: memory and SQLite"),
  el(
    "div",
    { class: "row" },
    field("Events", events),
    button("Publish", async () => show(await post("publish", { events: events.valueAsNumber }))),
  ),
  el(
    "div",
    { class: "row" },
    field("Answers of a burst before the kill", after),
    button("Kill both (SIGKILL)", async () => show(await post("kill", { after: after.valueAsNumber }))),
    button("Start both again", async () => show(await post("start")), { class: "plain" }),
  ),
  shown,
);

function show({ kinds, kills, checks }) {
  const rows = Object.entries(kinds).flatMap(([kind, { running, exitStatus, answered, before, now }]) => [
    row(`${kind}, before the kill`, "", "", before),
    row(`${kind}, now`, running ? "runs" : `ended, status ${exitStatus}`, String(answered), now),
  ]);
  shown.replaceChildren(
    el("p", {}, `Kills: ${kills}.`),
    table(
      ["runtime", "process", "answered", "events", "timeline at", "entities", "errors", "epoch"],
      rows,
      "Before and after",
    ),
  );
  showChecks(checks);
}

function row(name, process, answered, state) {
  if (!state) return [name, process, answered, "–", "–", "–", "–", "–"];
  const { events: stored, timeline, entities, errors, epoch } = state;
  return [name, process, answered, ...[stored, timeline, entities, errors].map(String), epoch];
}

const refresh = async () => show(await post("state"));

offerFaults(refresh);
followTrace();
await refresh();
