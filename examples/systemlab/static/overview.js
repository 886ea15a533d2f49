// Page 0: the map of the system, and what runs for this visitor.

import { ask, byId, el, table } from "./lab.js";

const MAP = [
  ["A client sends a command", "It asks for something. It may be refused.", "projection"],
  ["A handler takes it", "It decides, and publishes events: what happened.", "projection"],
  ["The session's lane gives each event its ordinal", "1, 2, 3 … in the order of publish.", "ordering"],
  ["Projections work out what it means", "UI events for who watches, entities for who comes later.", "projection"],
  ["One transaction stores all of it", "Event, UI events, entities, cursors: all or nothing.", "restart"],
  ["publish returns", "What it returned for outlives a kill.", "restart"],
  ["Fan-out to those who watch", "Slow ones lag; nobody waits for them.", "faults"],
  ["A client that comes back", "It resumes where it was, or gets a snapshot and is told so.", "reconnect"],
];

const status = await ask("/api/status");
const versions = Object.entries(status.versions).map(([name, value]) => `${name} ${value}`);

byId("exercise").append(
  el("h2", {}, "The way of an event"),
  el(
    "ol",
    { class: "map" },
    MAP.map(([what, why, page]) =>
      el("li", {}, el("a", { href: `/${page}` }, what), el("br"), el("span", { class: "quiet" }, why)),
    ),
  ),
  el("h2", {}, "What runs for you"),
  el("p", { class: "quiet" }, `${versions.join(", ")}; visitors at the moment: ${status.visitors}.`),
  table(
    ["page", "runtime", "records"],
    status.pages.map(({ slug, number, title, fault, records }) => [
      el("a", { href: `/${slug}` }, `${number} ${title}`),
      fault === null ? "not begun" : fault === "none" ? "runs" : `runs, broken: ${fault}`,
      String(records),
    ]),
    "Your runtimes",
  ),
);
