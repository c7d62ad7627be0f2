// The terminal as a machine: current, clock, and the keypad under its glass.

import { attempt, button, h } from "/page/dom.js";
import { panel, replaceIfNew } from "/page/panel.js";

const JUMPS = [[60, "+1 min"], [3600, "+1 h"], [86400, "+1 day"], [2592000, "+30 days"], [-3600, "−1 h"], [-86400, "−1 day"]];
const PAD = [["up", "▲"], ["down", "▼"], ["left", "◀"], ["right", "▶"], ["ok", "OK"], ["back", "back"], ["home", "home"], ["help", "help"], ["repeat", "say again"], ["star", "✱"], ["softer", "−"], ["louder", "+"], ["voice", "voice"], ["headset-in", "headset in"], ["headset-out", "headset out"]];

export function machine(hasTerminal) {
  const p = panel("Terminal", "touch_app");
  let refuses = false;
  const act = (label, path, body) => p.perform(label, path, body);
  const orders = [
    button("Start", () => act("start", "/api/processes/terminal/start"), "primary", "Start the terminal's process"),
    button("Stop", () => act("stop", "/api/processes/terminal/stop"), "", "SIGTERM: it ends cleanly"),
    button("power cut", () => act("power cut", "/api/processes/terminal/kill"), "fault", "SIGKILL: as if the power went"),
    button("disk refuses", () => act(refuses ? "disk well" : "disk refuses", `/api/processes/terminal/${refuses ? "mend-disk" : "refuse-disk"}`), "fault", "No file takes what the terminal writes, as on a full disk; again: it does"),
    button("Last lines", async () => {
      const { view } = await import("/page/dom.js");
      const answer = await attempt("GET", "/api/processes/terminal/log");
      view(h("pre", {}, answer.ok ? String(answer.data) || "nothing" : answer.words));
    }, "", "What it wrote last"),
  ];
  const jumps = JUMPS.map(([jump, label]) => button(label, () => act(`clock ${label}`, "/api/clock", { jump_s: jump }), "fault", "The clock on its board jumps; the first jump starts it again"));
  const speeds = [1, 2, 5, 10].map((speed) => button(`×${speed}`, () => act(`speed ×${speed}`, "/api/clock", { speed }), speed === 1 ? "" : "fault", "Everything in the terminal goes so fast; it is started again"));
  const right = button("right again", () => act("clock right", "/api/clock", { right: true }));
  const keys = PAD.map(([key, label]) => button(label, () => act(`key ${key}`, "/api/screen/key", { key }), "key", `Keypad: ${key}`));
  // Prepared breakdowns: choose, break, look what the terminal says of itself.
  const choice = h("select", { class: "input", "aria-label": "Breakdown", title: "Breakdown" });
  const strike = button("Break", () => act(`breakdown ${choice.value}`, "/api/breakdowns", { name: choice.value }), "fault", "Let it happen, instead of the one before; some start the terminal again");
  const off = button("all well", () => act("breakdown ended", "/api/breakdowns", { name: "" }), "", "Everything as it was");
  const broken = h("p", { class: "small words" });
  const ask = button("kiosk diagnose", async () => {
    broken.textContent = "asking …";
    const answer = await attempt("GET", "/api/diagnosis");
    broken.textContent = answer.ok ? `${answer.data.event || "well"} — ${answer.data.first}` : answer.words;
  }, "", "What the terminal says of itself: its first line");
  const clock = h("p", { class: "small words" });
  p.root.classList.add("two");
  p.root.append(h("div", { class: "halves" },
    h("div", { class: "half" }, h("div", { class: "buttons" }, orders),
      h("div", { class: "group" }, h("h3", {}, "Clock on its board"), clock, h("div", { class: "buttons" }, jumps, right, speeds)),
      h("div", { class: "group" }, h("h3", {}, "Prepared breakdowns"), h("div", { class: "buttons" }, choice, strike, off, ask), broken)),
    h("div", { class: "half" }, h("div", { class: "group" }, h("h3", {}, "Keypad under the glass"), h("div", { class: "buttons" }, keys),
      h("p", { class: "small" }, "Also from this keyboard while the screen has the focus: arrows, Enter, Backspace, Home, F1, digits.")))));
  p.root.hidden = !hasTerminal;
  return {
    root: p.root,
    process(state) {
      p.say(state ? state.words : "none", state && state.running ? "ok" : "fault");
      orders[0].update({ enabled: Boolean(state && !state.running) });
      refuses = Boolean(state && state.disk_refuses);
      for (const one of orders.slice(1, 3)) one.update({ enabled: Boolean(state && state.running) });
      orders[3].update({ enabled: Boolean(state && state.running), on: refuses });
    },
    breakdowns(state) {
      if (!state) return;
      replaceIfNew(choice, state.all, () => state.all.map((one) => h("option", { value: one.key, disabled: Boolean(one.why_not), title: one.why_not || one.event }, `${one.name} · ${one.zh}`)));
      if (state.now) choice.value = state.now;
      strike.update({ on: Boolean(state.now) });
      off.update({ enabled: Boolean(state.now) });
    },
    clock(state) {
      const can = Boolean(state && !state.why_not);
      clock.textContent = !state ? "not this bench's terminal" : state.why_not || (state.speed > 1 ? `${state.speed} times as fast` : state.ahead_s ? `ahead by ${duration(state.ahead_s)}` : "the machine's own time");
      for (const one of jumps) one.update({ enabled: can });
      speeds.forEach((one, n) => one.update({ enabled: can, on: can && state.speed === [1, 2, 5, 10][n] && (state.speed > 1 || !state.ahead_s) }));
      right.update({ enabled: can && Boolean(state.ahead_s || state.speed > 1) });
    },
  };
}

export function duration(seconds) {
  const sign = seconds < 0 ? "−" : "";
  let left = Math.abs(seconds);
  const parts = [];
  for (const [unit, size] of [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]]) {
    if (left >= size) parts.push(`${Math.floor(left / size)} ${unit}`);
    left %= size;
  }
  return sign + (parts.join(" ") || "0 s");
}
