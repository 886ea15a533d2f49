// What every page of the lab needs: elements, requests, the checks, the trace.

export const slug = document.body.dataset.slug;
const faults = JSON.parse(document.body.dataset.faults);
const MOST_ROWS = 300;

export const byId = (id) => document.getElementById(id);

// Makes an element: attributes by name (functions are listeners: onclick), then children.
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  element.append(...children.flat().filter((child) => child != null));
  return element;
}

// A labelled field: field("Text", el("input", {name: "text"})).
export function field(label, control) {
  return el("label", { class: "field" }, el("span", {}, label), control);
}

// A button that can't be pressed again while what it does goes on; a failure is shown.
export function button(label, act, attributes = {}) {
  const control = el("button", { type: "button", ...attributes }, label);
  control.addEventListener("click", () => busy(control, act));
  return control;
}

// Runs an async function for a control.
export async function busy(control, act) {
  if (control.getAttribute("aria-disabled") === "true") return;
  control.setAttribute("aria-disabled", "true");
  showError("");
  try {
    await act();
  } catch (error) {
    showError(error.message);
  } finally {
    control.removeAttribute("aria-disabled");
  }
}

export function showError(text) {
  const line = byId("error");
  line.textContent = text;
  line.hidden = !text;
}

// Asks the page's exercise for something; resolves with what it answers.
export async function post(action, body = {}, page = slug) {
  const answer = await ask(`/api/${page}/${action}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (page === slug) showFault(answer.fault);
  return answer;
}

export async function ask(url, options) {
  let response;
  try {
    response = await fetch(url, options);
  } catch {
    throw new Error("The lab can't be reached. Is it still running?");
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? `The lab answered ${response.status}.`);
  return answer;
}

const MARKS = { true: ["holds", "✓"], false: ["broken", "✗"], null: ["open", "○"] };

// Shows the checks of an answer; those that are open have seen nothing yet.
export function showChecks(checks) {
  byId("checking").hidden = false;
  byId("checks").replaceChildren(
    ...checks.map(({ name, holds, detail }) => {
      const [word, mark] = MARKS[holds];
      return el(
        "li",
        { class: word, "data-check": name },
        el("span", { class: "mark", "aria-hidden": "true" }, mark),
        el("span", { class: "sr-only" }, `${word}: `),
        el("strong", {}, name),
        el("span", { class: "detail" }, detail),
      );
    }),
  );
}

// Shows a table: names of its columns, rows of texts or elements.
export function table(columns, rows, label) {
  return el(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": label },
    el(
      "table",
      {},
      el("thead", {}, el("tr", {}, columns.map((name) => el("th", { scope: "col" }, name)))),
      el("tbody", {}, rows.map((row) => el("tr", {}, row.map((cell) => el("td", {}, cell))))),
    ),
  );
}

// Lets the browser keep a text as a file.
export function save({ name, type, text }) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

// Offers the page's faults. Choosing one begins the exercise anew: `ending` is called before,
// `begun` after it, with the fault.
export function offerFaults(begun, ending = () => {}) {
  const said = el("p", { id: "broken", class: "quiet", "aria-live": "polite" }, faults.none);
  const choice = el(
    "select",
    { id: "fault" },
    Object.keys(faults).map((name) => el("option", { value: name }, name.replaceAll("-", " "))),
  );
  choice.addEventListener("change", () =>
    busy(choice, async () => {
      ending();
      await post("reset", { fault: choice.value });
      if (following) restartTrace();
      await begun(choice.value);
    }),
  );
  byId("breaking").append(field("What is broken", choice), said);
  byId("breaking").hidden = false;
}

// What is broken is the exercise's: it stays so when the page is loaded again.
function showFault(fault) {
  const choice = byId("fault");
  if (!choice || !(fault in faults)) return;
  choice.value = fault;
  byId("broken").textContent = faults[fault];
}

let following = 0;

// Follows the trace of the page's exercise for as long as the page is open.
export function followTrace() {
  byId("tracing").hidden = false;
  restartTrace();
}

function restartTrace() {
  byId("trace").replaceChildren();
  following += 1;
  void follow(following);
}

async function follow(turn) {
  let after = 0;
  let trouble = ""; // that is shown
  while (turn === following) {
    try {
      const { records, missed } = await ask(`/api/${slug}/trace?after=${after}`);
      if (turn !== following) return;
      if (missed && after) addRow(["", "", `${missed} records are not kept any more`, "", ""]);
      for (const record of records) addRow(cells(record));
      after = records.at(-1)?.sequence ?? after;
      if (trouble && byId("error").textContent === trouble) showError("");
      trouble = "";
    } catch (error) {
      if (turn !== following) return;
      trouble = error.message;
      showError(trouble);
      await new Promise((wake) => setTimeout(wake, 2000));
    }
  }
}

function addRow(texts) {
  const rows = byId("trace");
  rows.prepend(el("tr", {}, texts.map((text) => el("td", {}, text))));
  while (rows.children.length > MOST_ROWS) rows.lastElementChild.remove();
}

function cells(record) {
  const { sequence, kind, session_id: session = "" } = record;
  if (kind === "pipeline") {
    const { stage, name, ordinal, ui_events: ui, entities } = record;
    const more = [
      ordinal ? `ordinal ${ordinal}` : "",
      ui.length ? `UI ${ui.join(", ")}` : "",
      entities.length ? `entities ${entities.map((one) => one.join(" ")).join(", ")}` : "",
    ];
    return [sequence, kind, `${stage.replaceAll("_", " ")} ${name}`, session, join(more)];
  }
  if (kind === "error") {
    const { source, name, ordinal, error_type: type, message } = record;
    return [sequence, kind, `${source} ${name}`, session, `ordinal ${ordinal}: ${type}: ${message}`];
  }
  if (kind === "delivery") {
    return [sequence, kind, `taken by ${record.fanout}`, session, `ordinal ${record.ordinal}`];
  }
  if (kind === "transport") {
    return [sequence, kind, record.event.replaceAll("_", " "), session, record.detail];
  }
  return [sequence, kind, `${record.count} records are missing`, "", ""];
}

const join = (texts) => texts.filter(Boolean).join(" · ");
