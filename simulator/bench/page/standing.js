// The promises as they stand, the visit under way, the end of the journal.

import { fill, h, icon, view } from "/page/dom.js";
import { replaceIfNew } from "/page/panel.js";

const TONE = { holds: "ok", "under way": "attention", broken: "fault", "not seen": "" };
const list = h("div", { class: "promises", role: "list" });
const visit = h("p", { class: "small words" });
const entries = h("div", { class: "lines entries", tabIndex: 0, role: "log", "aria-label": "The journal's last entries" });
const pill = h("button", { type: "button", class: "pill", title: "Open what each promise says and what is checked", onclick: () => explain() }, "promises …");
let now = { promises: [], visit: null, entries: [], why: "" };

export function buildStanding(root, bar) {
  bar.append(pill);
  fill(root, h("header", {}, icon("verified"), h("h2", {}, "Promises, visit, journal")), list, visit, entries);
}

export function standing(news) {
  now = news;
  const watched = news.promises.filter((one) => one.state !== "not seen");
  const holding = watched.filter((one) => one.state === "holds").length;
  const broken = watched.some((one) => one.state === "broken");
  pill.textContent = watched.length ? `promises ${holding}/${watched.length} hold` : "promises not seen";
  pill.className = `pill ${broken ? "bad" : watched.length && holding === watched.length ? "good" : ""}`;
  replaceIfNew(list, news.promises, () => news.promises.map((one) => h("button", { type: "button", class: `promise ${TONE[one.state]}`, role: "listitem",
    title: `${one.name}: ${one.words}. Looked at: ${one.looked}. ${one.found.join("; ")}`, onclick: () => explain() },
  h("b", {}, one.name), h("span", {}, one.words), h("i", {}, one.state))));
  const v = news.visit;
  replaceIfNew(visit, v || news.why, () => (!v ? [news.why] : v.id
    ? ["visit ", h("b", {}, v.id.slice(0, 12)), v.since ? ` since ${v.since.slice(11, 19)}` : "", ` · ${v.steps.length} entries`, v.open_acts ? ` · ${v.open_acts} open` : ""]
    : ["nobody is here", v.open_acts ? ` · ${v.open_acts} acts are open` : " · nothing is open"]));
  replaceIfNew(entries, news.entries.map((one) => one.seq), () => news.entries.map((one) => h("div", { title: one.body },
    h("span", {}, one.at.slice(11, 23)), h("span", { class: "who" }, one.kind), h("span", { class: "said" }, `${one.visit ? `${one.visit.slice(0, 8)} ` : ""}${short(one.body)}`))));
  entries.scrollTop = entries.scrollHeight;
}

const short = (body) => (body === "{}" ? "" : body.replace(/["{}]/g, "").replaceAll(",", ", "));

function explain() {
  view(h("h2", {}, "The promises, as they stand"), h("table", { class: "ledger roomy" },
    h("thead", {}, h("tr", {}, ["", "promise", "what is looked at here", "now"].map((head) => h("th", { scope: "col" }, head)))),
    h("tbody", {}, now.promises.map((one) => h("tr", {}, h("td", {}, h("b", {}, one.name)), h("td", {}, one.words), h("td", {}, one.looked),
      h("td", { class: `tone ${TONE[one.state]}` }, h("b", {}, one.state), one.found.map((words) => h("div", { class: "small" }, words))))))));
}
