// The figures beside the map: availability, what is not settled, ratings, what runs out soonest.

import { $, fill, h } from "/page/dom.js";
import { amount, of, say, share, span } from "/page/words.js";

export function drawAvailability(data) {
  fill($("#availability"), h("div", { className: "figures" },
    h("div", { className: "figure" }, h("b", {}, share(data.day)), h("span", {}, say("day"))),
    h("div", { className: "figure" }, h("b", {}, share(data.month)), h("span", {}, say("month")))));
}

export function drawIntents(data, show) {
  if (data.intents === 0) {
    fill($("#intents"), h("p", {}, say("noIntents")));
    return;
  }
  fill($("#intents"),
    h("div", { className: "figures" }, h("div", { className: "figure" }, h("b", {}, `${data.intents} `), h("span", {}, `${say("intentsNow")} ${say("intentsAt", { n: data.intents_at })}`))),
    h("button", { type: "button", className: "link", onclick: show }, say("showThem")));
}

export function stars(ratings) {
  const all = Object.values(ratings).reduce((sum, n) => sum + n, 0);
  if (!all) return [h("p", {}, say("noRatings"))];
  const mean = Object.entries(ratings).reduce((sum, [level, n]) => sum + level * n, 0) / all;
  const bars = [];
  for (const level of [5, 4, 3, 2, 1]) {
    const filled = h("div", { className: "fill" });
    filled.style.width = `${(100 * ratings[level]) / all}%`;
    bars.push(h("span", {}, say("star", { n: level })), h("div", { className: "track", "aria-hidden": "true" }, filled), h("span", { className: "number" }, String(ratings[level])));
  }
  return [h("p", {}, say("mean", { n: mean.toFixed(2), all })), h("div", { className: "stars" }, ...bars)];
}

export function drawRatings(data) {
  const visits = Object.values(data.visits).reduce((sum, n) => sum + n, 0);
  fill($("#ratings"), stars(data.ratings), h("p", { className: "note" }, say("visits", { n: visits })));
}

export function drawSupplies(rows, most = 5) {
  if (!rows.length) {
    fill($("#supplies"), h("p", {}, say("noSupplies")));
    return;
  }
  fill($("#supplies"), h("ol", { className: "soon" }, rows.slice(0, most).map((row) => {
    const out = row.left <= 0;
    const when = out ? say("now") : row.days === null ? say("low") : row.days <= 0 ? say("soon") : say("ends", { t: span(Math.max(0, row.days) * 86400) });
    return h("li", {},
      h("span", { className: "where" }, h("a", { href: `#/${row.terminal}` }, row.terminal), ` ${of(row, "hall")}`),
      h("span", { className: `when${out ? " now" : ""}` }, when),
      h("span", { className: "what" }, `${say(row.item)}${row.trend ? ` · ${say("trend")}` : ""}`),
      h("span", { className: "left" }, amount(row.left, row.unit)));
  })));
}
