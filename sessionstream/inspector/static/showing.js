// How things are put on the page. A text is always set as text, never as HTML.

export const $ = (id) => document.getElementById(id);

// Makes an element: properties, then children, which are elements or texts.
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

// Makes a table. A column is [title, cell], and a cell gives a text, a number or an element; one
// of code takes what room there is.
export function table(columns, rows, none) {
  if (rows.length === 0) return make("p", { className: "faint" }, none);
  const head = make("tr", {}, ...columns.map(([title]) => make("th", { scope: "col" }, title)));
  const body = rows.map((row) =>
    make("tr", {}, ...columns.map(([title, cell]) => made(title, cell(row)))),
  );
  const whole = make("table", {}, make("thead", {}, head), make("tbody", {}, ...body));
  const scroll = make("div", { className: "scroll" }, whole);
  scroll.tabIndex = 0; // so that it can be scrolled by keyboard
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", columns.map(([title]) => title).join(", "));
  return scroll;
}

function made(title, cell) {
  const content = typeof cell === "number" ? String(cell) : (cell ?? "");
  const made = make("td", {}, ...(content === "" ? [] : [content]));
  made.dataset.title = title;
  if (typeof cell === "number") made.className = "number";
  else if (cell?.tagName === "CODE") made.className = "long";
  return made;
}

// What a thing has besides what was shown of it already.
export function rest(row, shown) {
  const left = Object.entries(row).filter(([name, value]) => !shown.includes(name) && isSaid(value));
  return left.map(([name, value]) => `${name}: ${text(value)}`).join("  ");
}

function isSaid(value) {
  return value !== null && value !== "" && value !== 0 && !(Array.isArray(value) && !value.length);
}

export function text(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}

export function bad(isBad, value) {
  return isBad ? make("span", { className: "bad" }, String(value)) : value;
}

const said = new WeakMap(); // element -> what it shows, as JSON

// Shows something unless it is shown already: who reads or has the focus in it is not disturbed.
export function show(element, data, children) {
  const now = JSON.stringify(data);
  if (said.get(element) === now) return;
  said.set(element, now);
  element.replaceChildren(...[children()].flat());
}
