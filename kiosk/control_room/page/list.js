// The list: every terminal that the filters leave, what needs somebody first.

import { $, fill, h, mark } from "/page/dom.js";
import { short } from "/page/map.js";
import { ago, of, page, say, share } from "/page/words.js";

export const CONDITIONS = ["fault", "offline", "silent", "attention", "closed", "unknown", "ok"];
const STEP = 40;
const ORDERS = {
  byState: (a, b) => CONDITIONS.indexOf(a.condition) - CONDITIONS.indexOf(b.condition) || b.intents - a.intents,
  byName: () => 0,
  byDay: (a, b) => (a.day ?? 2) - (b.day ?? 2),
  byHeard: (a, b) => b.heard - a.heard,
};
export const filter = { condition: "", site: "", text: "", order: "byState", intents: false, most: STEP };

export const badge = (condition) => h("span", { className: `badge c-${condition}` }, mark(condition), say(condition));

export function chosen(rows) {
  const text = filter.text.trim().toLowerCase();
  const found = rows.filter((row) =>
    (!filter.condition || row.condition === filter.condition) && (!filter.site || row.site === filter.site) &&
    (!filter.intents || row.intents > 0) && (!text || `${row.id} ${row.hall_zh} ${row.hall_en}`.toLowerCase().includes(text)));
  return found.sort((a, b) => ORDERS[filter.order](a, b) || (a.id < b.id ? -1 : 1));
}

export function drawTiles(counts, change) {
  const all = Object.values(counts).reduce((sum, n) => sum + n, 0);
  const tile = (condition, n) => h("button", {
    type: "button", className: `tile c-${condition || "all"}${n ? "" : " none"}`, "aria-pressed": String(filter.condition === condition),
    onclick: () => change({ condition: filter.condition === condition ? "" : condition }),
  }, h("b", {}, n.toLocaleString("en")), h("span", {}, condition ? mark(condition) : null, say(condition || "all")));
  const focused = [...$("#tiles").children].indexOf(document.activeElement);
  $("#tiles").setAttribute("aria-label", say("filter"));
  fill($("#tiles"), tile("", all), CONDITIONS.map((condition) => tile(condition, counts[condition] ?? 0)));
  if (focused >= 0) $("#tiles").children[focused].focus();
}

let drawnFilters = "";

// Only when something changed: a list that somebody has open must not close.
export function drawFilters(sketch) {
  const now = JSON.stringify([page.language, Boolean(sketch), filter.site, filter.order]);
  if (now === drawnFilters) return;
  drawnFilters = now;
  const option = (value, words, picked) => h("option", { value, selected: picked === value }, words);
  fill($("#district"), option("", say("allDistricts"), filter.site), (sketch?.districts ?? []).map((d) => option(d.code, short(d), filter.site)));
  fill($("#order"), Object.keys(ORDERS).map((name) => option(name, say(name), filter.order)));
}

export function drawRows(rows, all, troubles) {
  $("#count").textContent = say("count", { n: rows.length.toLocaleString("en"), all: all.toLocaleString("en") });
  const held = document.activeElement?.closest?.("#rows a")?.getAttribute("href");
  const head = h("thead", {}, h("tr", {}, ["state", "terminal", "place", "matter"].map((key) => h("th", { scope: "col" }, say(key))),
    ["services", "intents", "heard", "day"].map((key) => h("th", { scope: "col", className: "n" }, say(key)))));
  const body = h("tbody", {}, rows.slice(0, filter.most).map((row) => line(row, troubles)));
  const table = h("table", { className: "list" }, head, body);
  // On a narrow screen rows are laid out as a grid, and browsers then forget that it is a table.
  for (const [tag, role] of [["table", "table"], ["tr", "row"], ["th", "columnheader"], ["td", "cell"]]) {
    for (const element of tag === "table" ? [table] : table.querySelectorAll(tag)) element.setAttribute("role", role);
  }
  fill($("#rows"), table);
  if (held) document.querySelector(`#rows a[href="${held}"]`)?.focus();
  const rest = rows.length - filter.most;
  $("#more").hidden = rest <= 0;
  $("#more").textContent = say("more", { n: Math.min(rest, STEP) });
}

function line(row, troubles) {
  const told = row.trouble >= 0 ? troubles[row.trouble] : null;
  const mode = ["closed", "maintenance", "starting"].includes(row.mode) && row.condition !== "offline" ? say(row.mode) : "";
  const number = (key, words) => h("td", { className: "n", "data-name": say(key) }, words);
  return h("tr", {},
    h("td", { className: "state" }, badge(row.condition)),
    h("td", { className: "name" }, h("a", { href: `#/${row.id}` }, row.id)),
    h("td", { className: "wide" }, of(row, "hall")),
    h("td", { className: "wide" }, told ? [of(told), h("div", { className: "do" }, told[`${page.language}_do`])] : mode),
    number("services", row.services === null ? "–" : String(row.services)), number("intents", row.intents ? String(row.intents) : "–"),
    number("heard", ago(row.heard)), number("day", share(row.day)));
}

export function more() {
  filter.most += STEP;
}
