// The UPS: mains in or out, how much its battery holds, and what goes wrong between it and the terminal.

import { h } from "/page/dom.js";
import { armed, panel, verbs } from "/page/panel.js";

const FAMILY = "ups";

export function ups(known) {
  const p = panel("UPS", "bolt", FAMILY);
  const facts = h("p", { class: "small words" });
  const line = (verb, label) => ({ verb, label, look: "fault", args: { on: true }, off: { on: false }, on: (s) => armed(s, verb) });
  const mains = verbs(p, known, [
    { verb: "mains_off", label: "mains out", look: "fault", on: (s) => !s.on_mains, undo: "mains_on" },
    { verb: "battery_low", label: "battery nearly empty", look: "fault", on: (s) => s.low, enabled: (s) => !s.on_mains },
    { verb: "replace_battery", label: "battery worn out", look: "fault", args: { on: true }, off: { on: false }, on: (s) => s.worn },
    { verb: "firmware", label: "other firmware", look: "fault", fields: [{ name: "version", label: "version", value: "2.17" }] },
    { verb: "battery", label: "Battery holds", fields: [{ name: "charge", label: "percent", value: 40, min: 0, max: 100, step: 1 }, { name: "runtime_s", label: "seconds left", value: 240, min: 1, max: 86400, step: 1 }] },
  ]);
  const faults = verbs(p, known, [
    line("silent", "silent"), line("stale", "cable out"), line("garbled", "garbled"), line("endless", "no end"),
    { verb: "mains_on", label: "mains back" }, { verb: "clear_faults", label: "All well" },
  ]);
  p.root.append(facts, h("div", { class: "buttons" }, mains.elements), h("div", { class: "buttons push" }, faults.elements, p.plug));
  return {
    root: p.root,
    update(state) {
      p.power(state);
      const bad = !state.plugged || !state.on_mains || state.worn || (state.faults || []).length > 0;
      p.say(!state.plugged ? "unplugged" : state.on_mains ? "on mains" : "on battery", bad ? "fault" : "ok");
      facts.textContent = `${state.words} · ${Math.round(state.runtime_s / 60)} min`;
      mains.update(state);
      faults.update(state);
    },
  };
}
