// The face camera: what it sees now, who stands before it, what is wrong with it.

import { h } from "/page/dom.js";
import { drawer, panel, seen, verbs } from "/page/panel.js";

const FAMILY = "camera";
const FRAME_MS = 700;
const POSES = ["front", "left15", "right15", "left35", "right35", "far", "blink", "dark", "id"];

export function camera(known, citizens) {
  const p = panel("Face camera", "photo_camera", FAMILY);
  const picture = h("img", { alt: "What the camera sees now" });
  const who = h("p", { class: "small words" });
  const scene = (name) => (s) => s.plugged !== false && name(s);
  const fault = (name, label, fields) => ({ verb: name, label: label || name, look: "fault", fields, on: (s) => s.fault === name, undo: "restore" });
  const people = verbs(p, known, [
    { verb: "show", label: "card holder", on: scene((s) => s.scene === "citizen" && s.pose === "front" && s.staged !== "someone_else") },
    { verb: "someone_else", label: "someone else", on: scene((s) => s.scene === "citizen" && s.staged === "someone_else") },
    { verb: "nobody", label: "nobody", on: scene((s) => s.scene === "nobody") },
    { verb: "two", label: "two people", on: scene((s) => s.scene === "two") },
    { verb: "photo", label: "photo held up", on: scene((s) => s.scene === "photo") },
    { verb: "dark", label: "poor light", on: scene((s) => s.pose === "dark") },
    { verb: "cover", label: "hand over it", on: scene((s) => s.scene === "covered") },
  ]);
  const faults = verbs(p, known, [fault("freeze"), fault("stall"), fault("corrupt", "torn"), fault("slow"), fault("refuse")]);
  const names = citizens.map((c) => [c.key, c.name]);
  const all = drawer(p, known, [
    ["Who stands there", [
      { verb: "show", label: "citizen", fields: [{ name: "face", options: names }, { name: "pose", options: POSES }] },
      { verb: "two", label: "two citizens", fields: [{ name: "face", options: names }, { name: "other", options: names, value: "citizen-01" }] },
      { verb: "photo", label: "photo of", fields: [{ name: "face", options: names }] },
    ]],
    ["A code held up", [{ verb: "code", label: "show this code", fields: [{ name: "payload", label: "text of the code", value: "" }] }]],
    ["Line", [fault("silent"), fault("slow", "slow", [{ name: "fps", label: "pictures a second", value: 2, min: 0.2, max: 12 }]), { verb: "close", label: "drop who looks", look: "fault" }, { verb: "restore", label: "All well" }]],
  ]);
  p.root.append(h("div", { class: "now" }, picture), who, h("div", { class: "buttons" }, people.elements), h("div", { class: "buttons push" }, faults.elements, all.open, p.plug));

  let lastScene = "";
  const look = seen(p.root, picture, FAMILY, FRAME_MS);
  return {
    root: p.root,
    drawer: all.root,
    update(state) {
      p.power(state);
      p.say(!state.plugged ? "unplugged" : state.fault ? state.fault : state.lookers ? "being watched" : "ready", !state.plugged || state.fault ? "fault" : "ok");
      who.textContent = state.words;
      people.update(state);
      faults.update(state);
      all.update(state);
      if (lastScene !== state.words) { lastScene = state.words; look(); }
    },
  };
}
