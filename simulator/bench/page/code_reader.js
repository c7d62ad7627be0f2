// The code reader under the screen: what is held to it, and what goes wrong on its way.

import { h } from "/page/dom.js";
import { panel, verbs } from "/page/panel.js";

const FAMILY = "code-reader";

export function codeReader(known) {
  const p = panel("Code reader", "barcode_scanner", FAMILY);
  const words = h("p", { class: "small words" });
  const times = [{ name: "times", value: 1, min: 1, max: 1000, step: 1 }];
  const says = (part) => (s) => s.words.includes(part);
  const scan = verbs(p, known, [
    { verb: "scan", label: "Scan", fields: [{ name: "payload", label: "text of the code", value: "" }, { name: "format", options: FORMATS }, { name: "encoding", options: ["utf-8", "gb18030"] }] },
  ]);
  const faults = verbs(p, known, [
    { verb: "duplicate", label: "comes again", look: "fault", fields: [{ name: "times", value: 3, min: 1, max: 100, step: 1 }], on: says("each "), off: { times: 1 } },
    { verb: "garble", label: "spoiled", look: "fault", fields: times, on: says("spoiled") },
    { verb: "cut", label: "without end", look: "fault", fields: times, on: says("without end") },
    { verb: "slow", label: "slow", look: "fault", fields: [{ name: "ms", value: 50, min: 0, max: 5000, step: 1 }], on: says("ms apart"), off: { ms: 0 } },
    { verb: "stuck", label: "stuck", look: "fault", on: (s) => s.stuck, undo: "restore" },
    { verb: "restore", label: "All well" },
  ]);
  p.root.append(words, h("div", { class: "buttons" }, scan.elements), h("div", { class: "buttons push" }, faults.elements, p.plug));
  return {
    root: p.root,
    update(state) {
      p.power(state);
      p.say(!state.plugged ? "unplugged" : state.stuck ? "stuck" : "ready", !state.plugged || state.stuck ? "fault" : "ok");
      words.textContent = state.words;
      scan.update(state);
      faults.update(state);
    },
  };
}

const FORMATS = ["qr", "code128", "code39", "ean13", "itf", "data-matrix", "aztec", "pdf417"];
