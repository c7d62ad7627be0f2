// The receipt printer: paper curls out of its mouth; roll, cover, cutter.

import { h, view } from "/page/dom.js";
import { panel, replaceIfNew, verbs } from "/page/panel.js";

const FAMILY = "receipt-printer";
const artefact = (name) => `/api/devices/${FAMILY}/artefacts/${name}`;
const has = (s, ...words) => (s.conditions || []).some((one) => words.some((word) => one.includes(word)));

export function receipt(known) {
  const p = panel("Receipt printer", "receipt_long", FAMILY);
  const paper = h("div", { class: "curl" });
  const facts = h("p", { class: "small words" });
  const does = verbs(FAMILY, known, [
    { verb: "tear_off", label: "Tear off", enabled: (s) => s.hanging > 0 || s.printing },
    { verb: "new_roll", label: "New roll" },
    { verb: "clear_fault", label: "Clear scraps", enabled: (s) => (s.conditions || []).length > 0 },
  ]);
  const faults = verbs(FAMILY, known, [
    { verb: "near_end", label: "paper low", look: "fault", on: (s) => s.paper_low && s.paper_m > 0, undo: "new_roll" },
    { verb: "paper_out", label: "paper out", look: "fault", on: (s) => s.paper_m <= 0, undo: "new_roll" },
    { verb: "cover_open", label: "cover", look: "fault", on: (s) => s.cover_open, undo: "cover_close" },
    { verb: "cutter_jam", label: "cutter", look: "fault", on: (s) => has(s, "cutter"), undo: "clear_fault" },
    { verb: "paper_jam", label: "jam", look: "fault", on: (s) => has(s, "jam"), undo: "clear_fault" },
    { verb: "head_hot", label: "head hot", look: "fault", on: (s) => has(s, "hot", "temperature", "recoverable") && !has(s, "unrecoverable"), undo: "clear_fault" },
    { verb: "power_off", label: "off", look: "fault", on: (s) => s.powered === false, undo: "power_on" },
  ]);
  p.root.append(h("div", {}, h("div", { class: "mouth" }), paper), facts, h("div", { class: "buttons" }, does.elements), h("div", { class: "buttons push" }, faults.elements, p.plug));

  return {
    root: p.root,
    update(state) {
      p.power(state);
      const trouble = (state.conditions || []).length > 0 || state.powered === false;
      p.say(!state.plugged ? "unplugged" : state.words, !state.plugged || trouble ? "fault" : state.paper_low ? "attention" : "ok");
      replaceIfNew(paper, [state.hanging, state.receipts, state.printing], () => {
        if (!state.hanging && !state.printing) return h("div", { class: "empty" }, state.receipts ? "torn off" : "nothing printed yet");
        const source = `${artefact(state.printing || !state.receipts ? "paper.png" : `receipt-${state.receipts}.png`)}?${Date.now()}`;
        return h("img", { src: source, alt: state.last_receipt || "Paper", onclick: () => view(h("img", { src: source, alt: "The receipt" })) });
      });
      facts.textContent = `${state.paper_m.toFixed(1)} m on the roll · ${state.receipts} receipts${state.hanging > 1 ? `, ${state.hanging} hang out` : ""}${state.lost_bytes ? ` · ${state.lost_bytes} bytes lost` : ""}`;
      does.update(state);
      faults.update(state);
    },
  };
}
