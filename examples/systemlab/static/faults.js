// Page 6: experiments in which something fails.

import { button, byId, el, followTrace, offerFaults, post, showChecks } from "./lab.js";

const EXPERIMENTS = [
  ["failing", "A projection fails; policy fail"],
  ["advancing", "A projection fails; policy advance"],
  ["slow", "A client that does not read"],
  ["twice", "A command that arrives twice"],
  ["schema", "A file of an older release"],
];
const shown = el("div", { "aria-live": "polite" });

byId("exercise").append(
  el("h2", {}, "Experiments"),
  el(
    "div",
    { class: "row" },
    button("Run all", () => run("all")),
    EXPERIMENTS.map(([name, title]) => button(title, () => run(name), { class: "plain" })),
  ),
  shown,
);

async function run(experiment) {
  show(await post("run", { experiment }));
}

function show({ reports, checks }) {
  shown.replaceChildren(
    ...EXPERIMENTS.filter(([name]) => reports[name]).flatMap(([name, title]) => [
      el("h3", {}, title),
      el("ol", {}, reports[name].map((line) => el("li", {}, line))),
    ]),
  );
  showChecks(checks);
}

const refresh = async () => show(await post("state"));

offerFaults(refresh);
followTrace();
await refresh();
