// The page: asks every few seconds, draws what came, follows the address (#/WH-HC-0003 is one terminal).

import { $, ask, fill, h, mark } from "/page/dom.js";
import { CONDITIONS, chosen, drawFilters, drawRows, drawTiles, filter, more } from "/page/list.js";
import { drawMap, drawMarks } from "/page/map.js";
import { drawOne, loadOne } from "/page/one.js";
import { drawAvailability, drawIntents, drawRatings, drawSupplies } from "/page/side.js";
import { ago, keep, page, say } from "/page/words.js";

const EVERY_MS = 10_000;
const seen = { overview: null, rows: [], supplies: [], sketch: null, at: 0, failed: false };
const wanted = () => /^#\/([A-Z]{2}-[A-Z]{2}-\d{4})$/.exec(location.hash)?.[1] ?? "";

function rowsOf(overview) {
  return overview.terminals.map((values) => Object.fromEntries(overview.columns.map((name, i) => [name, values[i]])));
}

async function load() {
  const id = wanted();
  if (!seen.sketch) seen.sketch = (await ask("/api/map")).data;
  if (id) {
    seen.failed = !(await loadOne(id));
  } else {
    const [overview, supplies] = await Promise.all([ask("/api/overview"), ask("/api/supplies")]);
    seen.failed = !overview.data;
    if (overview.data) Object.assign(seen, { overview: overview.data, rows: rowsOf(overview.data) });
    if (supplies.data) seen.supplies = supplies.data;
  }
  if (!seen.failed) seen.at = Date.now();
}

function draw() {
  document.documentElement.lang = page.language === "zh" ? "zh-CN" : "en";
  document.documentElement.dataset.theme = page.theme;
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say);
  $("#language").textContent = say("language");
  $("#language").lang = page.language === "zh" ? "en" : "zh-CN";
  $("#theme").textContent = say(page.theme === "dark" ? "light" : "dark");
  drawFresh();
  const id = wanted();
  $("#city").hidden = Boolean(id);
  $("#one").hidden = !id;
  if (id) drawOne();
  else drawCity();
}

function drawFresh() {
  const past = (Date.now() - seen.at) / 1000;
  $("#fresh").textContent = seen.at ? say("updated", { t: ago(past) }) : "";
  const words = seen.failed && seen.at ? say("stale", { t: ago(past) }) : seen.failed ? say("stale", { t: "" }) : "";
  if ($("#stale").textContent !== words) $("#stale").textContent = words;
  $("#stale").hidden = !seen.failed;
}

function drawCity() {
  document.title = say("title");
  const data = seen.overview;
  drawMap(seen.sketch, (site) => change({ site: filter.site === site ? "" : site }), (id) => { location.hash = `#/${id}`; });
  drawFilters(seen.sketch);
  if (!data) return;
  fill($("#key"), CONDITIONS.map((condition) => h("span", {}, mark(condition), say(condition))));
  drawTiles(data.conditions, change);
  drawAvailability(data);
  drawIntents(data, () => { change({ intents: true, condition: "", site: "", text: "" }); $("#list").scrollIntoView(); $("#list").focus(); });
  drawRatings(data);
  drawSupplies(seen.supplies);
  drawList();
  const odd = Object.entries(data.room.odd).map(([why, n]) => `${say(`odd_${why}`).replace("odd_", "")} ${n}`).join(", ");
  $("#room").textContent = [data.room.written === null ? say("never") : say("room", { t: ago(data.room.written) }), odd ? say("odd", { list: odd }) : ""].join(" ");
}

function drawList() {
  const rows = chosen(seen.rows);
  drawRows(rows, seen.rows.length, seen.overview.troubles);
  drawMarks(seen.rows, filter.site, new Set(rows.map((row) => row.id)));
}

function change(what) {
  Object.assign(filter, what, { most: 40 });
  $("#search").value = filter.text;
  $("#only-intents").checked = filter.intents;
  draw();
}

let turn = 0;
async function again() {
  const mine = ++turn;
  await load();
  if (mine !== turn) return;
  draw();
  setTimeout(() => mine === turn && again(), document.hidden ? EVERY_MS * 6 : EVERY_MS);
}

$("#language").addEventListener("click", () => { page.language = page.language === "zh" ? "en" : "zh"; keep("language", page.language); draw(); });
$("#theme").addEventListener("click", () => { page.theme = page.theme === "dark" ? "light" : "dark"; keep("theme", page.theme); draw(); });
$("#search").addEventListener("input", (event) => { filter.text = event.target.value; filter.most = 40; if (seen.overview) drawList(); });
$("#district").addEventListener("change", (event) => change({ site: event.target.value }));
$("#order").addEventListener("change", (event) => change({ order: event.target.value }));
$("#only-intents").addEventListener("change", (event) => change({ intents: event.target.checked }));
$("#more").addEventListener("click", () => { more(); drawList(); });
addEventListener("hashchange", async () => { await again(); if (wanted()) $("#one").focus(); scrollTo(0, 0); });
document.addEventListener("visibilitychange", () => { if (!document.hidden) again(); });
setInterval(drawFresh, 1000);
draw();
again();
