// The inspector's page: one view at a time, read anew while it is shown.

import { $, bad, make, rest, show, table, text } from "./showing.js";

const REFRESH = 2000; // milliseconds
const MOST_RECORDS = 500; // on the page
let leave = new AbortController(); // ends what the view before was doing

// Reads what the server knows; throws what went wrong, for people.
async function ask(what, fields, signal) {
  const query = new URLSearchParams(Object.entries(fields).filter(([, value]) => value !== ""));
  let response;
  try {
    response = await fetch(`api/${what}?${query}`, { signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The server can't be reached.", { cause: error });
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(`${response.status}: ${answer.detail ?? response.statusText}`);
  return answer;
}

function complain(message) {
  $("problem").textContent = message;
  $("problem").hidden = !message;
}

// Shows something again and again until another view is opened.
async function repeat(signal, step) {
  while (!signal.aborted) {
    let pause = REFRESH;
    try {
      pause = (await step()) ?? REFRESH;
      if (!signal.aborted) complain("");
    } catch (error) {
      if (signal.aborted) return;
      complain(error.message);
    }
    await new Promise((done) => setTimeout(done, pause));
  }
}

function sessionLink(id) {
  return make("a", { href: `#session=${encodeURIComponent(id)}` }, id);
}

const SESSION = [
  ["head", ({ head }) => head],
  ["UI at", ({ ui, head }) => bad(ui < head, ui)],
  ["timeline at", ({ timeline, head }) => bad(timeline < head, timeline)],
  ["log from", ({ start }) => start],
];

async function sessions(main, signal) {
  const list = make("div");
  const more = make("button", { type: "button", hidden: true }, "More");
  const pages = [""];
  let following = null;
  more.onclick = () => pages.push(following);
  main.replaceChildren(make("h2", {}, "Sessions"), list, more);
  const columns = [
    ["session", ({ session }) => sessionLink(session)],
    ...SESSION,
    ["watchers", ({ watchers }) => watchers],
  ];
  await repeat(signal, async () => {
    const answers = await Promise.all(pages.map((after) => ask("sessions", { after }, signal)));
    following = answers.at(-1).next;
    more.hidden = following === null;
    const rows = answers.flatMap((answer) => answer.sessions);
    show(list, rows, () => table(columns, rows, "There is no session yet."));
  });
}

async function session(main, signal, id) {
  const shown = ["ordinal", "name", "kind", "id", "created", "changed", "type"];
  const content = (row) => make("code", {}, rest(row, shown) || row.type);
  const name = ["name", ({ name }) => name];
  const parts = make("div");
  main.replaceChildren(make("h2", {}, id), parts);
  await repeat(signal, async () => {
    const [answer, failed] = await Promise.all([
      ask("session", { id }, signal),
      ask("errors", { session: id }, signal),
    ]);
    const events = [...answer.events].reverse();
    const about = answer.payloads ? [] : ["Payloads are not shown; the application decides that."];
    show(parts, [answer, failed], () => [
      table(SESSION, [answer.session], ""),
      ...about.map((line) => make("p", { className: "faint" }, line)),
      make("h2", {}, "Open errors"),
      errorTable(failed.errors),
      make("h2", {}, `Entities (${answer.entities_total})`),
      table(
        [
          ["kind", ({ kind }) => kind],
          ["id", ({ id }) => id],
          ["created", ({ created }) => created],
          ["changed", ({ changed }) => changed],
          ["content", content],
        ],
        answer.entities,
        "It has none.",
      ),
      make("h2", {}, "Last events"),
      table([["ordinal", ({ ordinal }) => ordinal], name, ["content", content]], events, "None."),
      make("h2", {}, "UI events kept of these"),
      table([["ordinal", ({ ordinal }) => ordinal], name, ["content", content]],
        [...answer.ui].reverse(), "None."),
    ]);
  });
}

async function records(main, signal) {
  const filter = make("input", { type: "text", id: "filter", spellcheck: false });
  const only = make("select", { id: "only" }, make("option", { value: "" }, "everything"));
  const pause = make("button", { type: "button" }, "Pause");
  const list = make("div");
  const bar = make(
    "div",
    { className: "bar" },
    make("label", {}, "Only this session", filter),
    make("label", {}, "Show", only),
    pause,
  );
  main.replaceChildren(make("h2", {}, "Records"), bar, list);
  let after = 0;
  let kept = [];
  let isPaused = false;
  pause.onclick = () => {
    isPaused = !isPaused;
    pause.textContent = isPaused ? "Go on" : "Pause";
    if (!isPaused) showAll();
  };
  let question = new AbortController(); // the one that waits for news
  filter.onchange = () => {
    after = 0;
    kept = [];
    showAll();
    question.abort();
  };
  const shown = ["sequence", "time", "kind", "session_id", "name", "stage", "event", "ordinal"];
  shown.push("began_at", "commit_began_at");
  const columns = [
    ["time", ({ time = "" }) => time.slice(11, 23)],
    ["what", what],
    ["session", ({ session_id: id }) => (id ? sessionLink(id) : "")],
    ["name", ({ name = "" }) => name],
    ["ordinal", ({ ordinal }) => ordinal || ""],
    ["took", took],
    ["more", (row) => make("code", {}, row.missed ?? rest(row, shown))],
  ];
  function showAll() {
    const none = only.value ? "Nothing of the kind is kept." : "Nothing has happened yet.";
    const rows = kept.filter((row) => row.missed || !only.value || what(row) === only.value);
    show(list, [rows, none], () => table(columns, rows, none));
  }
  function offer(kinds) {
    const offered = [...only.options].map(({ value }) => value);
    for (const kind of kinds) {
      if (!offered.includes(kind)) only.append(make("option", { value: kind }, kind));
    }
  }
  only.onchange = showAll;
  showAll();
  await repeat(signal, async () => {
    question = new AbortController();
    const asking = AbortSignal.any([signal, question.signal]);
    let answer;
    try {
      answer = await ask("records", { after, session: filter.value }, asking);
    } catch (error) {
      if (question.signal.aborted) return 0; // another session is asked for
      throw error;
    }
    offer(new Set(answer.records.map(what)));
    const gap = answer.missed ? [{ missed: `${answer.missed} records were forgotten` }] : [];
    kept = [...answer.records.reverse(), ...gap, ...kept].slice(0, MOST_RECORDS);
    after = answer.newest;
    if (!isPaused) showAll();
    return 100; // it has waited for news itself
  });
}

// What a record tells of: a stage of the pipeline, an event of the transport, where an error was.
function what({ kind, stage, event, source }) {
  const told = stage ?? event ?? source ?? kind;
  return told === undefined ? "" : text(told);
}

// What lies between the beginning of a thing and its record.
function took({ began_at: began, time }) {
  return began ? `${Math.max(Date.parse(time) - began * 1000, 0).toFixed(1)} ms` : "";
}

async function connections(main, signal) {
  const list = make("div");
  main.replaceChildren(make("h2", {}, "Connections"), list);
  const columns = [
    ["connection", ({ id }) => id],
    ["principal", ({ principal }) => principal],
    ["from", ({ remote }) => remote],
    ["wire", ({ subprotocol }) => subprotocol ?? "version 1"],
    ["queued", ({ queued_frames: frames, queued_bytes: bytes }) => `${frames} (${bytes} B)`],
    ["session", ({ of }) => (of ? sessionLink(of.session) : "")],
    ["state", ({ of }) => (of ? bad(of.state === "lagging", of.state) : "")],
    ["at", ({ of }) => (of ? `${of.cursor} of ${of.head ?? "?"}` : "")],
    ["lag", ({ of }) => (of ? bad(of.lag > 0, of.lag ?? "") : "")],
  ];
  await repeat(signal, async () => {
    const answer = await ask("connections", {}, signal);
    const rows = answer.connections.flatMap((each) =>
      each.subscriptions.length ? each.subscriptions.map((of) => ({ ...each, of })) : [each],
    );
    const left = answer.total - answer.connections.length;
    const more = left > 0 ? [make("p", { className: "faint" }, `and ${left} more`)] : [];
    show(list, [rows, left], () => [table(columns, rows, "Nobody is connected."), ...more]);
  });
}

function errorTable(found) {
  const shown = ["time", "kind", "session_id", "source", "name", "ordinal", "error_type", "message"];
  const columns = [
    ["time", ({ time }) => time.slice(0, 19).replace("T", " ")],
    ["session", ({ session_id: id }) => (id ? sessionLink(id) : "")],
    ["source", ({ source }) => source],
    ["name", ({ name }) => name],
    ["ordinal", ({ ordinal }) => ordinal],
    ["error", ({ error_type: type, message = "" }) => make("code", {}, `${type}: ${message}`)],
    ["more", (row) => make("code", {}, rest(row, shown))],
  ];
  return table(columns, found, "No error is open.");
}

async function errors(main, signal) {
  const list = make("div");
  main.replaceChildren(make("h2", {}, "Open errors"), list);
  await repeat(signal, async () => {
    const answer = await ask("errors", {}, signal);
    show(list, answer, () => errorTable(answer.errors));
  });
}

const VIEWS = { sessions, session, records, connections, errors };

function open() {
  leave.abort();
  leave = new AbortController();
  complain("");
  const [name, id = ""] = location.hash.slice(1).split("=");
  const view = Object.hasOwn(VIEWS, name) ? name : "sessions";
  for (const link of document.querySelectorAll("nav a")) {
    const isHere = link.hash.slice(1) === (view === "session" ? "sessions" : view);
    if (isHere) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  VIEWS[view]($("main"), leave.signal, decoded(id));
}

function decoded(id) {
  try {
    return decodeURIComponent(id);
  } catch {
    return id; // somebody typed it
  }
}

addEventListener("hashchange", open);
open();
