// The face camera: what it sees now, who stands before it, what is wrong with it.

import { h } from "/page/dom.js";
import { panel, verbs } from "/page/panel.js";

const FAMILY = "camera";
const FRAME_MS = 700;

export function camera(known) {
  const p = panel("Face camera", "photo_camera", FAMILY);
  const picture = h("img", { alt: "What the camera sees now" });
  const who = h("p", { class: "small words" });
  const scene = (name) => (s) => s.plugged !== false && name(s);
  const fault = (name, label) => ({ verb: name, label: label || name, look: "fault", on: (s) => s.fault === name, undo: "restore" });
  const people = verbs(FAMILY, known, [
    { verb: "show", label: "card holder", on: scene((s) => s.scene === "citizen" && s.pose === "front" && s.staged !== "someone_else") },
    { verb: "someone_else", label: "someone else", on: scene((s) => s.scene === "citizen" && s.staged === "someone_else") },
    { verb: "nobody", label: "nobody", on: scene((s) => s.scene === "nobody") },
    { verb: "two", label: "two people", on: scene((s) => s.scene === "two") },
    { verb: "photo", label: "photo held up", on: scene((s) => s.scene === "photo") },
    { verb: "dark", label: "poor light", on: scene((s) => s.pose === "dark") },
    { verb: "cover", label: "hand over it", on: scene((s) => s.scene === "covered") },
  ]);
  const faults = verbs(FAMILY, known, [fault("freeze"), fault("stall"), fault("corrupt", "torn"), fault("slow"), fault("refuse")]);
  p.root.append(h("div", { class: "now" }, picture), who, h("div", { class: "buttons" }, people.elements), h("div", { class: "buttons push" }, faults.elements, p.plug));

  let busy = false;
  let lastScene = "";
  function look() {
    if (busy || document.hidden || p.root.classList.contains("out")) return;
    busy = true;
    const next = new Image();
    next.onload = () => { picture.src = next.src; busy = false; };
    next.onerror = () => { busy = false; };
    next.src = `/api/devices/${FAMILY}/artefacts/now.jpg?${Date.now()}`;
  }
  setInterval(look, FRAME_MS);
  return {
    root: p.root,
    update(state) {
      p.power(state);
      p.say(!state.plugged ? "unplugged" : state.fault ? state.fault : state.lookers ? "being watched" : "ready", !state.plugged || state.fault ? "fault" : "ok");
      who.textContent = state.words;
      people.update(state);
      faults.update(state);
      if (lastScene !== state.words) { lastScene = state.words; look(); }
    },
  };
}
