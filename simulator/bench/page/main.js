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

const BUILD = { "id-card-reader": reader, "payment-pad": pad, camera, "receipt-printer": receipt, "licence-printer": licence };
const ORDER = Object.keys(BUILD);
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
    const families = ORDER.filter((name) => name in state.devices);
    for (const name of families) panels[name] = BUILD[name](state.verbs[name] || {}, citizens);
    if (state.has_platform) panels.platform = platform(state.verbs.network);
    $("#devices").append(...Object.values(panels).map((one) => one.root));
    buildWire([...families, ...("network" in state.devices ? ["network"] : [])]);
    document.body.classList.toggle("no-terminal", !state.has_terminal);
  }
  for (const [name, one] of Object.entries(state.devices)) device(name, one);
  processes = state.processes;
  drawProcesses();
  fill($("#facts"), Object.entries(state.facts).filter(([key]) => key !== "machine").map(([key, value]) => h("span", { class: "pill" }, `${key} ${value}`)));
  await catchUp();
}

function device(name, state) {
  if (name === "network" && panels.platform) panels.platform.network(state);
  if (!(name in panels)) return;
  panels[name].update(state);
  if (name === "payment-pad" && panels.platform && typeof state.balance_fen === "number") panels.platform.bank(state.balance_fen);
}

function drawProcesses() {
  fill($("#processes"), Object.values(processes).map((one) => h("span", { class: `pill ${one.running ? "good" : "bad"}`, title: one.words }, `${one.name} ${one.running ? "runs" : one.words}`)),
    Object.values(processes).flatMap((one) => one.running
      ? one.name === "terminal" ? [order(one, "stop", "Stop terminal"), order(one, "kill", "Cut its power")] : []
      : [order(one, "start", `Start ${one.name}`)]));
  terminalState(processes.terminal || null);
}

const order = (one, what, label) => h("button", { type: "button", class: "pill", title: { stop: "SIGTERM: it ends cleanly", kill: "SIGKILL: as if the power went", start: "Start it again" }[what],
  onclick: () => call("POST", `/api/processes/${one.name}/${what}`) }, label);

function heard(news) {
  if (news.type === "state") return whole(news.state);
  if (news.type === "device") device(news.family, news.state);
  if (news.type === "wire") wireLines(news.lines);
  if (news.type === "platform" && panels.platform) panels.platform.update(news.platform);
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
