// The bench: live terminal left, hardware as things right, the decoded wire below.

import { $, button, call, fill, h, icon, loadIcons } from "/page/dom.js";
import { startLive, terminalState } from "/page/live.js";
import { buildWire, catchUp, forgetWire, wireLines } from "/page/wire.js";
import { reader } from "/page/reader.js";
import { pad } from "/page/pad.js";
import { camera } from "/page/camera.js";
import { receipt } from "/page/receipt.js";
import { licence } from "/page/licence.js";
import { platform } from "/page/platform.js";
import { cabinet, lamp } from "/page/cabinet.js";
import { codeReader } from "/page/code_reader.js";
import { phone } from "/page/phone.js";
import { documents } from "/page/documents.js";
import { duration, machine } from "/page/terminal.js";
import { buildStanding, standing } from "/page/standing.js";
import { buildScenario, recording } from "/page/scenario.js";
import { ups } from "/page/ups.js";
import { anything } from "/page/anything.js";

const BUILD = { "id-card-reader": reader, "payment-pad": pad, camera, "receipt-printer": receipt, "licence-printer": licence };
const AFTER = { "document-camera": documents, "code-reader": codeReader };
const LAST = { cabinet, ups };
const ELSEWHERE = ["network"];
const panels = {};
let processes = {};
let built = false;

function theme(wanted) {
  const dark = wanted ? wanted === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  fill($("#theme"), icon(dark ? "light_mode" : "dark_mode"), dark ? "Light" : "Dark");
}
$("#theme").onclick = () => {
  const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  localStorage.setItem("bench-theme", next);
  theme(next);
};

async function whole(state) {
  const citizens = built ? [] : await call("GET", "/api/citizens");
  if (!built) {
    built = true;
    const others = state.order.filter((name) => !(name in BUILD) && !(name in LAST) && !(name in AFTER) && !ELSEWHERE.includes(name));
    const families = [...Object.keys(BUILD), ...Object.keys(AFTER), ...others, ...Object.keys(LAST)].filter((name) => name in state.devices);
    const builder = (name) => BUILD[name] || AFTER[name] || LAST[name] || anything(name);
    const make = (name) => { panels[name] = builder(name)(state.verbs[name] || {}, name === "receipt-printer" ? state.receipt_profiles : citizens, shine); };
    families.filter((name) => name in BUILD).forEach(make);
    if (state.has_platform) {
      panels.platform = platform(state.verbs.network, state.platform_faults);
      panels.phone = phone(families);
    }
    families.filter((name) => !(name in BUILD) && !(name in LAST)).forEach(make);
    if ("terminal" in state.processes) panels.terminal = machine(state.has_terminal);
    families.filter((name) => name in LAST).forEach(make);
    const tiles = (wanted) => Object.entries(panels).filter(([name]) => wanted === (name in BUILD || name === "platform")).flatMap(([, one]) => [one.root, one.drawer].flat().filter(Boolean));
    $("#devices").append(...tiles(true), $("#below"), ...tiles(false));
    buildStanding($("#standing"), $("#facts-more"));
    buildScenario();
    buildWire([...families, ...("network" in state.devices ? ["network"] : [])]);
    document.body.classList.toggle("no-terminal", !state.has_terminal);
  }
  for (const [name, one] of Object.entries(state.devices)) device(name, one);
  processes = state.processes;
  drawProcesses();
  fill($("#facts"), Object.entries(state.facts).filter(([key]) => key !== "machine" && key !== "window").map(([key, value]) => h("span", { class: "pill" }, `${key} ${value}`)));
  extras(state);
  await catchUp();
}

// What no device says: how the clock goes, what is recorded.
function extras(news) {
  const pill = $("#clock");
  pill.hidden = !news.clock;
  if (news.clock) pill.textContent = news.clock.speed > 1 ? `clock ×${news.clock.speed}` : news.clock.ahead_s ? `clock ahead ${duration(news.clock.ahead_s)}` : "clock ×1";
  pill.classList.toggle("warn", Boolean(news.clock && (news.clock.ahead_s || news.clock.speed > 1)));
  if (panels.terminal) { panels.terminal.clock(news.clock); panels.terminal.breakdowns(news.breakdowns); }
  recording(news.record);
}

function device(name, state) {
  if (name === "network" && panels.platform) panels.platform.network(state);
  if (!(name in panels)) return;
  panels[name].update(state);
  if (name === "camera" && panels.phone) panels.phone.camera(state);
  if (name === "payment-pad" && panels.platform && typeof state.balance_fen === "number") panels.platform.bank(state.balance_fen);
}

// The guide light at each device, as the cabinet shows it.
function shine(lights) {
  for (const [name, light] of Object.entries(lights)) {
    const root = panels[name] && panels[name].root;
    if (!root) continue;
    root.querySelector(":scope > header > .lamp")?.remove();
    if (light.pattern !== "off") root.querySelector("h2").after(lamp(light));
  }
}

function drawProcesses() {
  fill($("#processes"), Object.values(processes).map((one) => h("span", { class: `pill ${one.running ? "good" : "bad"}`, title: one.words }, `${one.name} ${one.running ? "runs" : one.words}`)),
    Object.values(processes).filter((one) => !one.running).map((one) => order(one, "start", `Start ${one.name}`)));
  terminalState(processes.terminal || null);
  if (panels.terminal) panels.terminal.process(processes.terminal || null);
}

const order = (one, what, label) => h("button", { type: "button", class: "pill", title: { stop: "SIGTERM: it ends cleanly", kill: "SIGKILL: as if the power went", start: "Start it again" }[what],
  onclick: () => call("POST", `/api/processes/${one.name}/${what}`) }, label);

function heard(news) {
  if (news.type === "state") return whole(news.state);
  if (news.type === "device") device(news.family, news.state);
  if (news.type === "wire") wireLines(news.lines);
  if (news.type === "platform" && panels.platform) { panels.platform.update(news.platform); panels.phone.update(news.platform); }
  if (news.type === "standing") standing(news.standing);
  if (news.type === "extras") extras(news);
  if (news.type === "process") { processes[news.process.name] = news.process; drawProcesses(); }
  return null;
}

function listen() {
  const socket = new WebSocket(`ws://${location.host}/events`);
  let order = Promise.resolve(); // the panels are built while more news comes in
  socket.onmessage = (event) => { order = order.then(() => heard(JSON.parse(event.data))); };
  socket.onclose = () => { forgetWire(); setTimeout(listen, 1000); };
}

await loadIcons();
theme(localStorage.getItem("bench-theme"));
listen();
startLive();
