// The payment pad: its display, what a customer does at it, what the bank knows.

import { h, yuan } from "/page/dom.js";
import { armed } from "/page/reader.js";
import { panel, replaceIfNew, verbs } from "/page/panel.js";
import { table } from "/page/platform.js";

const FAMILY = "payment-pad";

export function pad(known) {
  const p = panel("Payment pad", "contactless", FAMILY);
  const lcd = h("div", { class: "lcd" });
  const ledger = h("div", { class: "scroll" });
  const waits = (s) => Boolean(s.waiting) || s.phase === "pin";
  const fault = (verb, label, args) => ({ verb, label, args, look: "fault", on: (s) => armed(s, verb), undo: "clear_faults" });
  const does = verbs(FAMILY, known, [
    { verb: "tap", label: "Tap card", enabled: waits },
    { verb: "insert", label: "Insert + PIN", enabled: waits },
    { verb: "cancel", label: "Red key", enabled: waits },
  ]);
  const faults = verbs(FAMILY, known, [
    fault("decline", "decline 05"), fault("lose_answer", "lose answer"), fault("busy", "busy 9C"), fault("silent", "silent"),
    fault("late_approval", "late approval"), fault("no_completion", "no end"), fault("slow", "slow bank"), fault("lock_f0", "locked F0"),
    { verb: "power_cycle", label: "power-cycle", look: "fault" },
  ]);
  p.root.append(lcd, h("div", { class: "buttons" }, does.elements), ledger, h("div", { class: "buttons push" }, faults.elements, p.plug));
  const [tap] = does.elements;
  return {
    root: p.root,
    update(state) {
      p.power(state);
      p.say(state.words, !state.plugged || (state.faults || []).length ? "fault" : state.phase === "idle" ? "ok" : "attention");
      replaceIfNew(lcd, [state.display, state.amount_fen], () => [
        state.amount_fen ? h("b", {}, `${yuan(state.amount_fen)} CNY`) : null, h("span", {}, state.display || "ready")]);
      does.update(state);
      if (tap) tap.classList.toggle("primary", waits(state));
      faults.update(state);
      replaceIfNew(ledger, state.ledger || [], () => ((state.ledger || []).length
        ? table(state.ledger.slice(-20).reverse().map((e) => [e.trace, `${e.kind} ${e.state}${e.code === "00" ? "" : ` ${e.code}`}`, e.card, yuan(e.fen)]))
        : h("p", { class: "small" }, "The bank has seen nothing yet.")));
    },
  };
}
