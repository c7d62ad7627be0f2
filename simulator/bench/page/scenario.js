// Record a session, see it as a feature file, take it away; and a report of how everything stands.

import { $, attempt, button, fill, h, icon, toast, view } from "/page/dom.js";

let state = { on: false, events: 0, last: false, title: "", began: null };
const record = h("button", { type: "button", class: "pill", id: "record" });
const scenario = h("button", { type: "button", class: "pill", onclick: open }, "Scenario …");
const report = h("a", { class: "pill", href: "/api/report.html", target: "_blank", rel: "noopener", title: "One file: screen, paper, wire, journal, promises as they are now" }, "Report");

export function buildScenario() {
  scenario.prepend(icon("description")); // glyphs are known only now
  report.prepend(icon("fact_check"));
  record.onclick = toggle;
  $("#record-bar").append(record, scenario, report);
  setInterval(draw, 1000);
  draw();
}

export function recording(news) { state = news || state; draw(); }

function draw() {
  const seconds = state.on && state.began ? Math.max(0, Math.round(Date.now() / 1000 - state.began)) : 0;
  fill(record, h("span", { class: `dot ${state.on ? "live" : ""}`, "aria-hidden": "true" }), state.on ? `Stop · ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} · ${state.events}` : "Record");
  record.setAttribute("aria-pressed", String(state.on));
  record.title = state.on ? "End the recording and show it as a scenario" : "Record what is touched and done as a scenario";
  scenario.disabled = !state.on && !state.last;
}

async function toggle() {
  const answer = await attempt("POST", `/api/record/${state.on ? "stop" : "start"}`, {});
  if (!answer.ok) return toast(answer.words);
  recording(answer.data);
  if (answer.data.feature) shown(answer.data.feature);
}

async function open() {
  const answer = await attempt("GET", "/api/record/last.feature");
  if (answer.ok) shown(answer.data); else toast(answer.words);
}

function shown(feature) {
  const copy = button("Copy", async () => { await navigator.clipboard.writeText(feature); copy.textContent = "Copied"; });
  view(h("h2", {}, "What was recorded, as a scenario"),
    h("p", { class: "small" }, "Keep it in a folder of your own and run it: in virtual time with ", h("code", {}, "kiosk-sim play bench.feature"), ", or here before your eyes with ", h("code", {}, "kiosk-sim play bench.feature --bench FOLDER"), ", where FOLDER is the one that ", h("code", {}, "kiosk-sim up"), " writes to (", h("code", {}, "build/run"), ") or the address with its token."),
    h("pre", { class: "feature" }, feature),
    h("p", { class: "buttons" }, h("a", { class: "button primary", href: "/api/record/last.feature", download: "bench.feature" }, "Download"), copy, h("a", { class: "button", href: "/api/record/last.json", download: "bench.json" }, "Events as JSON")));
}
