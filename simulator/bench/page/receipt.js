// The receipt printer: paper curls out of its mouth, or a ticket waits in the presenter; roll, cover, cutter.

import { attempt, h, view } from "/page/dom.js";
import { drawer, panel, replaceIfNew, verbs } from "/page/panel.js";

const FAMILY = "receipt-printer";
const artefact = (name) => `/api/devices/${FAMILY}/artefacts/${name}`;
const has = (s, ...words) => (s.conditions || []).some((one) => words.some((word) => one.includes(word)));

const ROLL_M = 80;
const NEAR_M = 10; // the sensor reaches no further

export function receipt(known, profiles) {
  const p = panel("Receipt printer", "receipt_long", FAMILY);
  const paper = h("div", { class: "curl" });
  const facts = h("p", { class: "small words" });
  const does = verbs(p, known, [
    { verb: "tear_off", label: "Take paper", words: "Tear off what hangs out, or pull the ticket out of the exit", enabled: (s) => s.hanging > 0 || s.printing || s.ticket_in_exit },
    { verb: "new_roll", label: "New roll" },
    { verb: "clear_fault", label: "Clear scraps", enabled: (s) => (s.conditions || []).length > 0 },
  ]);
  const faults = verbs(p, known, [
    { verb: "near_end", label: "paper low", look: "fault", on: (s) => s.paper_low && s.paper_m > 0, undo: "new_roll" },
    { verb: "paper_out", label: "paper out", look: "fault", on: (s) => s.paper_m <= 0, undo: "new_roll" },
    { verb: "cover_open", label: "cover", look: "fault", on: (s) => s.cover_open, undo: "cover_close" },
    { verb: "cutter_jam", label: "cutter", look: "fault", on: (s) => has(s, "cutter"), undo: "clear_fault" },
    { verb: "paper_jam", label: "jam", look: "fault", on: (s) => has(s, "jam"), undo: "clear_fault" },
    { verb: "head_hot", label: "head hot", look: "fault", on: (s) => has(s, "hot", "temperature", "recoverable") && !has(s, "unrecoverable"), undo: "clear_fault" },
    { verb: "power_off", label: "off", look: "fault", on: (s) => s.powered === false, undo: "power_on" },
  ]);
  const fitted = (s) => Boolean(s.has_presenter);
  const onOff = (verb, label) => [{ verb, label, look: "fault", args: { on: true } }, { verb, label: `${label}: end`, args: { on: false } }];
  const all = drawer(p, known, [
    ["Presenter", [
      { verb: "tear_off", label: "pull the ticket", enabled: (s) => Boolean(s.ticket_in_exit) },
      { verb: "presenter_jam", label: "jam the ticket", look: "fault", enabled: fitted },
      { verb: "retracting", label: "may take tickets back", args: { on: true }, enabled: fitted },
      { verb: "retracting", label: "may not take back", look: "fault", args: { on: false }, enabled: fitted },
    ]],
    ["Roll", [
      { verb: "new_roll", label: "new roll", fields: [{ name: "metres", value: 80, min: 1, max: 500 }] },
      { verb: "near_end", label: "paper left", look: "fault", fields: [{ name: "metres", value: 3, min: 0.1, max: 10 }] },
    ]],
    ["Mechanism", [
      { verb: "cutter_jam", label: "cutter blocked", look: "fault", fields: [{ name: "at", options: [["now", "error now"], ["cut", "at the next cut"]] }] },
      { verb: "unrecoverable", label: "electronics broken", look: "fault", on: (s) => has(s, "unrecoverable"), undo: "clear_fault" },
      ...onOff("voltage", "low voltage"),
      { verb: "firmware", label: "other firmware", look: "fault", fields: [{ name: "version", label: "version", value: "1.07" }] },
    ]],
    ["Line", [...onOff("silent", "silent"), ...onOff("hold", "takes all, prints nothing")]],
  ]);
  // The roll: turned down it is used up to there, turned up a new one is put in.
  const dial = h("input", { type: "range", class: "dial", min: 0, max: ROLL_M, step: 0.5, value: ROLL_M, "aria-label": "Metres of paper on the roll", title: "Metres on the roll: drag to use it up or to put a new one in" });
  const metres = h("output", { class: "small" });
  dial.addEventListener("change", () => {
    const wanted = Number(dial.value);
    const [verb, args] = wanted <= 0 ? ["paper_out", {}] : wanted <= NEAR_M ? ["near_end", { metres: wanted }] : ["new_roll", { metres: wanted }];
    p.perform(`${wanted} m on the roll`, `/api/devices/${FAMILY}/${verb}`, args);
  });
  const model = h("select", { class: "input", "aria-label": "Model of the receipt printer", title: "Fit another model; the terminal starts again" },
    Object.entries(profiles || {}).map(([name, presents]) => h("option", { value: name }, `${name}${presents ? " (presenter)" : ""}`)));
  model.addEventListener("change", async () => { p.told(`${model.value} fitted`, await attempt("POST", "/api/fit/receipt-printer", { profile: model.value })); });
  p.root.append(h("div", {}, h("div", { class: "mouth" }), paper), h("div", { class: "row tight" }, dial, metres, model), facts, h("div", { class: "buttons" }, does.elements), h("div", { class: "buttons push" }, faults.elements, all.open, p.plug));

  return {
    root: p.root,
    drawer: all.root,
    update(state) {
      p.power(state);
      const trouble = (state.conditions || []).some((one) => !one.includes("near")) || state.powered === false;
      p.say(!state.plugged ? "unplugged" : state.words, !state.plugged || trouble ? "fault" : state.paper_low ? "attention" : "ok");
      replaceIfNew(paper, [state.hanging, state.receipts, state.printing], () => {
        if (!state.hanging && !state.printing) return h("div", { class: "empty" }, state.receipts ? "taken" : "nothing printed yet");
        const source = `${artefact(state.printing || !state.receipts ? "paper.png" : `receipt-${state.receipts}.png`)}?${Date.now()}`;
        return h("button", { type: "button", class: "picture", "aria-label": "Open the receipt large", onclick: () => view(h("img", { src: source, alt: "The receipt" })) }, h("img", { src: source, alt: state.last_receipt || "Paper" }));
      });
      facts.textContent = [
        state.has_presenter ? `presenter: ${state.ticket_in_exit ? "ticket in the exit" : "exit empty"}, ${state.retracted} taken back, ${state.pushed_out} pushed out` : "no presenter",
        `${(state.printed_m ?? 0).toFixed(2)} m printed`,
        `${state.receipts} receipts${state.hanging > 1 ? `, ${state.hanging} hang out` : ""}`,
        state.lost_bytes ? `${state.lost_bytes} bytes lost` : "", state.holding_bytes ? `${state.holding_bytes} bytes wait` : "",
      ].filter(Boolean).join(" · ");
      if (document.activeElement !== dial) dial.value = String(state.paper_m);
      metres.textContent = `${state.paper_m.toFixed(1)} m`;
      dial.classList.toggle("low", state.paper_low);
      model.value = state.profile;
      does.update(state);
      faults.update(state);
      all.update(state);
    },
  };
}
