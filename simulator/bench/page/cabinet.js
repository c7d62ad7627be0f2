// The cabinet: door, tilt, presence, UPS, emergency key; and the guide lights, which also shine on each device's panel.

import { act, button, h } from "/page/dom.js";
import { armed } from "/page/reader.js";
import { panel, replaceIfNew, verbs } from "/page/panel.js";

const FAMILY = "cabinet";
const NAMES = { "id-card-reader": "reader", "payment-pad": "pad", camera: "camera", "receipt-printer": "receipt", "licence-printer": "licence" };

export function cabinet(known, _citizens, shine) {
  const p = panel("Cabinet", "door_front", FAMILY);
  p.root.classList.add("wide");
  const lights = h("div", { class: "lights", "aria-label": "Guide lights" });
  const facts = h("span", { class: "small" });
  const flip = (verb, label, key) => ({ row: [verb, label, key], element: button(label, () => act(FAMILY, verb, { on: !last[key] }), "fault", known[verb]) });
  let last = {};
  const switches = [flip("presence", "somebody stands here", "presence"), flip("tilt", "tilted", "tilt")].filter((one) => one.row[0] in known);
  const faults = verbs(FAMILY, known, [
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
  p.root.append(h("div", { class: "row" }, lights, facts, h("span", { class: "buttons keep" }, switches.map((one) => one.element), faults.elements, p.plug)));
  return {
    root: p.root,
    update(state) {
      last = state;
      p.power(state);
      const alarm = state.door === "open" || state.tilt || state.key || (state.ups && !state.ups.on_mains) || (state.faults || []).length > 0;
      p.say(!state.plugged ? "unplugged" : alarm ? state.words : "door closed, mains on", !state.plugged || alarm ? "fault" : "ok");
      for (const { row: [, , key], element } of switches) element.update({ on: Boolean(state[key]), enabled: state.plugged !== false });
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
