// Page 1: submit a command, see what comes of it.

import { busy, button, byId, el, field, followTrace, offerFaults, post, save, showChecks, table } from "./lab.js";

const command = el(
  "select",
  {},
  ["add", "edit", "remove", "type"].map((name) => el("option", { value: name }, name)),
);
const noteId = el("input", { value: "n1", autocomplete: "off", maxlength: "300" });
const text = el("input", { value: "Buy milk", autocomplete: "off", maxlength: "300" });
const submit = el("button", {}, "Submit");
const shown = el("div", {});

const form = el(
  "form",
  { class: "row" },
  field("Command", command),
  field("Note (or who types)", noteId),
  field("Text", text),
  submit,
);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void busy(submit, async () =>
    show(await post("submit", { command: command.value, noteId: noteId.value, text: text.value })),
  );
});

const keep = (format) => async () => save(await post("export", { format }));
const files = el(
  "div",
  { class: "row" },
  button("Export JSON", keep("json"), { class: "plain" }),
  button("Export Markdown", keep("markdown"), { class: "plain" }),
);

byId("exercise").append(el("h2", {}, "A board of notes"), form, files, shown);

function show({ session, events, uiEvents, timeline, checks }) {
  const rows = (list) =>
    list.map(({ ordinal, name, payload }) => [ordinal || "none", name, JSON.stringify(payload)]);
  const notes = timeline.entities.map(({ id, payload, created, changed }) => [
    id,
    JSON.stringify(payload),
    `${created} → ${changed}`,
  ]);
  shown.replaceChildren(
    el("p", {}, `Session “${session.id}”, its log has ${session.head} events.`),
    el("h3", {}, "Events: the log"),
    table(["ordinal", "name", "payload"], rows(events), "Events"),
    el("h3", {}, "UI events: what pages are told"),
    table(["ordinal", "name", "payload"], rows(uiEvents), "UI events"),
    el("h3", {}, `Timeline: the snapshot at ordinal ${timeline.ordinal}`),
    table(["id", "entity", "events"], notes, "Timeline"),
  );
  showChecks(checks);
}

const refresh = async () => show(await post("state"));

offerFaults(refresh);
followTrace();
await refresh();
