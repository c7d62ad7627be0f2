// The cabinet: door, tilt, presence, UPS, emergency key; and the guide lights, which also shine on each device's panel.

import { h } from "/page/dom.js";
import { armed, drawer, panel, replaceIfNew, verbs } from "/page/panel.js";

const FAMILY = "cabinet";
const NAMES = { "id-card-reader": "reader", "payment-pad": "pad", camera: "camera", "receipt-printer": "receipt", "licence-printer": "licence" };

export function cabinet(known, _citizens, shine) {
  const p = panel("Cabinet", "door_front", FAMILY);
  p.root.classList.add("wide");
  const lights = h("div", { class: "lights", "aria-label": "Guide lights" });
  const facts = h("span", { class: "small" });
  const times = { name: "times", label: "times (a number or always)", value: "1" };
  const line = (verb, label, more = []) => ({ verb, label, look: "fault", fields: [...more, times], on: (s) => armed(s, verb), undo: "clear_faults" });
  const switches = verbs(p, known, [
    { verb: "presence", label: "somebody stands here", args: { on: true }, off: { on: false }, on: (s) => s.presence },
    { verb: "tilt", label: "tilted", look: "fault", args: { on: true }, off: { on: false }, on: (s) => s.tilt },
  ]);
  const faults = verbs(p, known, [
    { verb: "open_door", label: "door open", look: "fault", on: (s) => s.door === "open", undo: "close_door" },
    { verb: "temperature", label: "70 °C inside", args: { c: 70 }, look: "fault", on: (s) => s.temperature_c >= 60 },
    { verb: "temperature", label: "cool", args: { c: 31.5 }, enabled: (s) => s.temperature_c >= 60 },
    { verb: "ups_engage", label: "mains fail", look: "fault", on: (s) => s.ups && !s.ups.on_mains, undo: "ups_recover" },
    { verb: "ups_low", label: "battery low", look: "fault", on: (s) => s.ups && s.ups.low, enabled: (s) => s.ups && !s.ups.on_mains },
    { verb: "key", label: "emergency key", look: "fault", on: (s) => s.key },
    { verb: "silent", label: "silent", args: { times: "always" }, look: "fault", on: (s) => armed(s, "silent"), undo: "clear_faults" },
    { verb: "garbled", label: "garbled", look: "fault", on: (s) => armed(s, "garbled"), undo: "clear_faults" },
    { verb: "restart", label: "power blink", look: "fault" },
  ]);
  const all = drawer(p, known, [
    ["Air and current", [
      { verb: "temperature", label: "inside", look: "fault", fields: [{ name: "c", label: "degrees Celsius", value: 70 }] },
      { verb: "fan", label: "fan turns", args: { on: true } }, { verb: "fan", label: "fan stands", look: "fault", args: { on: false } },
      { verb: "ups_recover", label: "mains are back" },
    ]],
    ["Hands", [
      { verb: "key", label: "hold the key", look: "fault", args: { hold: true }, off: { hold: false }, on: (s) => s.key },
      { verb: "close_door", label: "close the door" },
    ]],
    ["Answers of the board", [
      line("wrong_unit", "wrong unit", [{ name: "unit", value: 9, min: 0, max: 255, step: 1 }]), line("exception", "exception", [{ name: "code", value: 4, min: 1, max: 255, step: 1 }]),
      { verb: "firmware", label: "other firmware", look: "fault", fields: [{ name: "version", label: "version", value: "1.5" }] },
      line("truncated", "cut short"), line("noise", "noise before"), line("slow", "slow", [{ name: "seconds", value: 0.2, min: 0 }]), line("garbled", "garbled"), line("silent", "silent"),
      { verb: "clear_faults", label: "All well" },
    ]],
  ]);
  p.root.append(h("div", { class: "row" }, lights, facts, h("span", { class: "buttons keep" }, switches.elements, faults.elements, all.open, p.plug)));
  return {
    root: p.root,
    drawer: all.root,
    update(state) {
      p.power(state);
      const alarm = state.door === "open" || state.tilt || state.key || (state.ups && !state.ups.on_mains) || (state.faults || []).length > 0;
      p.say(!state.plugged ? "unplugged" : alarm ? state.words : "door closed, mains on", !state.plugged || alarm ? "fault" : "ok");
      switches.update(state);
      all.update(state);
      faults.update(state);
      facts.textContent = `${state.temperature_c} °C · fan ${state.fan ? "turns" : "stands"}`;
      const shining = state.lights || {};
      replaceIfNew(lights, shining, () => Object.entries(shining).map(([name, light]) => h("span", { class: "light", title: words(light) }, lamp(light), NAMES[name] || name)));
      shine(shining);
    },
  };
}

const words = (light) => (light.pattern === "off" ? "dark" : `${light.pattern}, ${light.colour || "lit"}`);

export function lamp(light) {
  const element = h("i", { class: `lamp ${light.pattern === "off" ? "" : "lit"} ${/blink|flash|pulse|slow|medium|quick/.test(light.pattern) ? "blinks" : ""}`, title: `guide light: ${words(light)}` });
  if (light.pattern !== "off" && /^[a-z]+$/.test(light.colour || "")) element.style.setProperty("--lamp", light.colour);
  return element;
}
