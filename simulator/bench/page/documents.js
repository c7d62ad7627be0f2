// The document camera: what lies on the desk, what is wrong with the picture, and pictures dropped from outside.

import { attempt, button, h, icon } from "/page/dom.js";
import { drawer, panel, seen, verbs } from "/page/panel.js";

const FAMILY = "document-camera";
const FRAME_MS = 900;
const MOST_BYTES = 8 * 1024 * 1024;
const PAPERS = [
  ["a4", "A4 sheet"], ["form", "filled form"], ["blank", "blank sheet"], ["id-front", "ID card, portrait"], ["id-back", "ID card, emblem"],
  ["passport", "passport"], ["permit-front", "permit, front"], ["permit", "permit, back"], ["booklet", "household booklet"],
];

export function documents(known, citizens) {
  const p = panel("Document camera", "content_paste", FAMILY);
  const picture = h("img", { alt: "What the document camera sees now" });
  const chooser = h("input", { type: "file", accept: "image/jpeg,image/png,image/webp", hidden: true, "aria-label": "Picture to lay on the desk" });
  const view = h("div", { class: "now desk" }, picture, h("span", { class: "drop" }, icon("description"), "Drop a picture here"));
  const holder = h("select", { class: "input", "aria-label": "Whose document", title: "Whose document" },
    h("option", { value: "" }, "of who stands here"), citizens.filter((c) => !c.own).map((c) => h("option", { value: c.key }, `of ${c.name}`)));
  const kind = h("select", { class: "input", "aria-label": "Which document", title: "Which document" }, PAPERS.map(([value, words]) => h("option", { value }, words)));
  const fault = (verb, label = verb) => ({ verb, label, look: "fault", on: (s) => s.fault === verb, undo: "restore" });
  const flaw = (verb, label, word) => ({ verb, label, look: "fault", on: (s) => s.words.includes(word), undo: "tidy" });
  const does = verbs(p, known, [
    { verb: "lay", label: "Lay it down", look: "primary", values: () => ({ kind: kind.value, ...(holder.value ? { holder: holder.value } : {}) }) },
    { verb: "turn_page", label: "turn page", enabled: (s) => s.scene !== "empty" },
    { verb: "clear", label: "take away", enabled: (s) => s.scene !== "empty" },
  ]);
  const faults = verbs(p, known, [flaw("hand", "hand in it", "a hand"), flaw("glare", "glare", "glare"), flaw("blur", "out of focus", "out of focus"), flaw("dark", "poor light", "poor light"), fault("freeze"), fault("stall")]);
  const all = drawer(p, known, [
    ["How it lies", [
      { verb: "shift", label: "moved", look: "fault", fields: [{ name: "right", label: "mm right", value: 60, min: -300, max: 300 }, { name: "down", label: "mm down", value: 0, min: -300, max: 300 }] },
      { verb: "skew", label: "turned, held up", look: "fault", fields: [{ name: "degrees", value: 25, min: -360, max: 360 }] },
      { verb: "lay", label: "lay", fields: [{ name: "kind", options: PAPERS }, { name: "page", value: 1, min: 1, max: 99, step: 1 }, { name: "turn", label: "degrees", value: 3, min: -360, max: 360 }] },
      { verb: "tidy", label: "tidy: all flaws gone" },
    ]],
    ["Light and desk", [
      { verb: "glare", label: "glare", look: "fault", fields: [{ name: "strength", value: 0.7, min: 0, max: 1 }] },
      { verb: "blur", label: "blur", look: "fault", fields: [{ name: "pixels", value: 4, min: 0, max: 12 }] },
      { verb: "dark", label: "light", look: "fault", fields: [{ name: "light", label: "1 is by day", value: 0.25, min: 0, max: 1 }] },
      { verb: "desk", label: "desk", fields: [{ name: "desk", options: ["dark", "wood", "green", "light"] }] },
    ]],
    ["Line", [
      fault("silent"), fault("refuse"), fault("corrupt", "torn"), { verb: "close", label: "drop who looks", look: "fault" },
      { verb: "slow", label: "slow", look: "fault", fields: [{ name: "fps", label: "pictures a second", value: 1, min: 0.2, max: 5 }], on: (s) => s.fault === "slow", undo: "restore" },
      { verb: "stale", label: "stale", look: "fault", fields: [{ name: "seconds", value: 2, min: 0.5, max: 10 }] },
      { verb: "restore", label: "All well" },
    ]],
  ]);
  p.root.append(view, h("div", { class: "buttons" }, kind, holder, does.elements, button("Own picture …", () => chooser.click(), "", "Choose a picture file; or drop one on the desk"), chooser),
    h("div", { class: "buttons push" }, faults.elements, all.open, p.plug));

  async function bring(file) {
    if (!file) return;
    if (file.size > MOST_BYTES) return p.told("own picture", { ok: false, words: `${file.name} has more than 8 MiB` });
    p.told("own picture", await attempt("POST", "/api/desk/picture", file));
  }
  chooser.addEventListener("change", () => { bring(chooser.files[0]); chooser.value = ""; });
  view.addEventListener("dragover", (event) => { event.preventDefault(); view.classList.add("over"); });
  view.addEventListener("dragleave", () => view.classList.remove("over"));
  view.addEventListener("drop", (event) => { event.preventDefault(); view.classList.remove("over"); bring(event.dataTransfer.files[0]); });

  seen(p.root, picture, FAMILY, FRAME_MS);
  return {
    root: p.root,
    drawer: all.root,
    update(state) {
      p.power(state);
      p.say(!state.plugged ? "unplugged" : state.fault || (state.scene === "empty" ? "empty desk" : state.scene), !state.plugged || state.fault ? "fault" : state.scene === "empty" ? "" : "ok");
      for (const set of [does, faults, all]) set.update(state);
    },
  };
}
