// Page 2: publishers that compete, and the numbers that their events get.

import { button, busy, byId, el, field, followTrace, offerFaults, post, showChecks, table } from "./lab.js";

const publishers = el("input", { type: "number", min: "1", max: "16", value: "4" });
const events = el("input", { type: "number", min: "1", max: "200", value: "25" });
const publish = el("button", {}, "Publish into both sessions");
const shown = el("div", { "aria-live": "polite" });

const form = el(
  "form",
  { class: "row" },
  field("Publishers of each session", publishers),
  field("Events of each", events),
  publish,
);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void busy(publish, async () =>
    show(await post("publish", { publishers: publishers.valueAsNumber, events: events.valueAsNumber })),
  );
});
const restart = button("Restart the runtime", async () => show(await post("restart")), {
  class: "plain",
});

byId("exercise").append(
  el("h2", {}, "Two sessions: left and right"),
  form,
  el("div", { class: "row" }, restart),
  shown,
);

function show({ restarts, heads, published, newest, checks }) {
  shown.replaceChildren(
    el(
      "p",
      {},
      `${published} events were published; the log of left has ${heads.left ?? "?"}, that of right ` +
        `${heads.right ?? "?"}. Restarts: ${restarts}.`,
    ),
    el("h3", {}, "The newest answers of publish"),
    table(
      ["session", "publisher", "note", "ordinal"],
      newest.map((row) => row.map(String)),
      "Answers of publish",
    ),
  );
  showChecks(checks);
}

const refresh = async () => show(await post("state"));

offerFaults(refresh);
followTrace();
await refresh();
