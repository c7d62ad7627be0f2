// One terminal: its own checks, supplies, events, metrics.

import { $, ask, fill, h, svg } from "/page/dom.js";
import { badge } from "/page/list.js";
import { stars } from "/page/side.js";
import { ago, amount, of, page, say, share, time } from "/page/words.js";

let last = null;

export async function loadOne(id) {
  const { status, data } = await ask(`/api/terminals/${encodeURIComponent(id)}`);
  if (status === 404) last = null;
  if (data) last = data;
  return status !== 0 && status < 500;
}

export function drawOne() {
  const back = h("a", { className: "back", href: "#/" }, say("back"));
  if (!last) {
    fill($("#one"), h("p", {}, back), h("p", {}, say("notFound")));
    return;
  }
  const open = $("#one details")?.open;
  fill($("#one"), h("p", {}, back), head(), h("div", { className: "two" },
    h("div", { className: "stack" }, sections()), h("div", { className: "stack" }, supplies(), panel("ratings", stars(last.ratings)), bundles(), events())), metrics(open));
  document.title = `${last.id} · ${say("title")}`;
}

const panel = (title, ...children) => h("section", { className: "panel", "aria-label": say(title) }, h("h2", {}, say(title)), ...children);

function head() {
  const fact = (key, value) => h("div", {}, h("dt", {}, say(key)), h("dd", {}, value));
  return h("section", { className: "panel" },
    h("div", { className: "headline" }, h("h2", {}, last.id), badge(last.condition), h("span", {}, of(last, "hall"))),
    h("dl", { className: "facts" },
      fact("state", say(last.mode)), fact("since", time(last.since)), fact("heard", ago(last.heard)), fact("services", String(last.metrics.kiosk_services_available ?? "–")),
      fact("intents", String(last.intents)), fact("availability", `${share(last.day)} · ${share(last.month)}`), fact("software", last.software || "–"), fact("first", time(last.first))));
}

function sections() {
  const word = { ok: "ok", attention: "attention", fault: "fault", unknown: "unknown", absent: "closed" };
  const rows = last.sections.map((row) => h("tr", {},
    h("td", {}, row.state === "absent" ? h("span", { className: "do" }, say("absent")) : badge(word[row.state])), h("td", {}, row.name[page.language]),
    h("td", {}, row.told ? [of(row.told), h("div", { className: "do" }, [row.told[`${page.language}_do`], row.who ? say(row.who) : "", row.since ? time(row.since) : ""].filter(Boolean).join(" · "))] : "")));
  return panel("sections", h("div", { className: "scroll" }, h("table", { className: "checks" }, h("tbody", {}, rows))));
}

function supplies() {
  const rows = last.supplies.map((row) => h("tr", {},
    h("td", {}, say(row.item)), h("td", { className: "n" }, amount(row.left, row.unit) || "–"), h("td", {}, row.ends ? time(row.ends) : "–"), h("td", {}, spark(row.hours))));
  return panel("ownSupplies", h("div", { className: "scroll" }, h("table", {},
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, ""), h("th", { scope: "col", className: "n" }, say("left")), h("th", { scope: "col" }, say("endsAt")), h("th", { scope: "col" }, say("week")))),
    h("tbody", {}, rows))));
}

function spark(values) {
  if (values.length < 2) return "–";
  const most = Math.max(...values, 1);
  const points = values.map((v, i) => `${((150 * i) / (values.length - 1)).toFixed(1)} ${(32 - (30 * v) / most).toFixed(1)}`);
  return svg("svg", { className: "spark", viewBox: "0 0 150 34", role: "img", "aria-label": `${values[0]} → ${values.at(-1)}` }, svg("path", { d: `M${points.join(" L")}` }));
}

function bundles() {
  if (!last.bundles.length) return null;
  const rows = last.bundles.map((row) => h("tr", {},
    h("td", {}, time(row.at)), h("td", {}, h("a", { href: `/bundles/${last.id}/${row.file}`, download: row.file }, row.file), h("div", { className: "do" }, `sha256 ${row.sha256.slice(0, 16)}…`)),
    h("td", { className: "n" }, `${Math.ceil(row.size / 1024)} KiB`), h("td", {}, row.downloads ? say("taken", { n: row.downloads, t: time(row.last), who: row.who }) : say("notTaken"))));
  return panel("bundles", h("div", { className: "scroll" }, h("table", {},
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, say("when")), h("th", { scope: "col" }, say("file")), h("th", { scope: "col", className: "n" }, say("size")), h("th", { scope: "col" }, say("hands")))), h("tbody", {}, rows))));
}

function events() {
  if (!last.events.length) return panel("events", h("p", {}, say("noEvents")));
  const rows = last.events.map((row) => h("tr", {},
    h("td", {}, time(row.at)), h("td", {}, say(`class_${row.class}`)),
    h("td", {}, row.told ? of(row.told) : row.id, row.severity !== "info" ? ` (${say(row.severity)})` : row.class === "device" ? ` (${say("over")})` : "",
      h("div", { className: "do" }, Object.entries(row.detail).map(([key, value]) => `${key}: ${value}`).join(" · ")))));
  return panel("events", h("div", { className: "scroll tall", tabindex: 0, role: "region", "aria-label": say("events") }, h("table", {},
    h("thead", {}, h("tr", {}, ["when", "kind", "event"].map((key) => h("th", { scope: "col" }, say(key))))), h("tbody", {}, rows))));
}

function metrics(open) {
  return h("section", { className: "panel" }, h("details", { open }, h("summary", {}, say("metrics")),
    h("div", { className: "metrics" }, Object.entries(last.metrics).sort().map(([name, value]) => h("div", {}, `${name} ${value}`)))));
}
