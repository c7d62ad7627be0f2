// The payment pad: its display, what a customer does at it, what the bank knows; its faults by what they touch.

import { h, yuan } from "/page/dom.js";
import { armed, drawer, panel, replaceIfNew, table, verbs } from "/page/panel.js";

const FAMILY = "payment-pad";
const times = (value = 1) => [{ name: "times", value, min: 0, max: 1000, step: 1 }];
const seconds = (value) => [{ name: "seconds", value, min: 0, max: 600 }];
// A switch of the pad: `field` is its name among the armed faults.
const flip = (verb, label, field = verb) => ({ verb, label, look: "fault", args: { on: true }, off: { on: false }, on: (s) => armed(s, field) });
const count = (verb, label, field = verb, off = { times: 0 }) => ({ verb, label, look: "fault", fields: times(), off, on: (s) => armed(s, field) });

const GROUPS = (cards) => [
  ["Line", [
    { verb: "lose_answer", label: "lose the answer", look: "fault", fields: [{ name: "when", options: ["before_ack", "before_status", "after_ack", "ack"] }], on: (s) => armed(s, "lose_answer"), undo: "clear_faults" },
    { verb: "power_cut", label: "power cut at the approval", look: "fault", fields: [{ name: "when", options: ["before_ack", "after_ack"] }], on: (s) => armed(s, "power_cut"), undo: "clear_faults" },
    flip("silent", "silent"), flip("byte_by_byte", "byte by byte"),
    { verb: "segment", label: "pieces", look: "fault", fields: [{ name: "size", label: "bytes", value: 1024, min: 0, max: 4096, step: 1 }], on: (s) => armed(s, "segment"), off: { size: 0 } },
    { verb: "idle_close", label: "closes when idle", look: "fault", fields: seconds(1.5), on: (s) => armed(s, "idle_close_s"), off: { seconds: 0 } },
    { verb: "wrong_protocol", label: "another protocol", look: "fault", fields: [...times(), { name: "what", options: ["other", "tls", "banner", "http"] }], on: (s) => armed(s, "wrong_protocol"), off: { times: 0 } },
    count("nak", "refuses frames (serial)", "naks"), count("bad_crc", "damages frames (serial)", "bad_crcs"),
    count("lost_ack", "loses an ACK (serial)", "lost_acks"), count("stall", "stalls in a frame (serial)", "stalls"),
    { verb: "power_cycle", label: "power-cycle now", look: "fault" },
  ]],
  ["Timing", [
    { verb: "slow", label: "slow bank (T4)", look: "fault", fields: seconds(5), on: (s) => armed(s, "slow_s"), off: { seconds: 0 } },
    { verb: "slow_answer", label: "takes up late (T3)", look: "fault", fields: seconds(6), on: (s) => armed(s, "slow_answer_s"), off: { seconds: 0 } },
    { verb: "t4_minutes", label: "asks for patience", look: "fault", fields: [{ name: "minutes", value: 5, min: 0, max: 99, step: 1 }], on: (s) => armed(s, "t4_minutes"), off: { minutes: 0 } },
    flip("busy", "busy (9C)"), count("no_completion", "never ends"), flip("late_approval", "approves after an abort"), flip("no_abort", "refuses aborts"),
  ]],
  ["Approval and amount", [
    { verb: "decline", label: "decline", look: "fault", fields: [{ name: "code", label: "code, hexadecimal", value: "05" }, { name: "card", options: cards }], on: (s) => armed(s, "decline"), undo: "clear_faults" },
    { verb: "decline_ending", label: "a decline ends with", look: "fault", fields: [{ name: "how", options: ["abort", "completion", "bare"] }], on: (s) => armed(s, "decline_ending") },
    { verb: "less", label: "approves less", look: "fault", fields: [{ name: "fen", value: 100, min: 0, step: 1 }], on: (s) => armed(s, "less_fen"), off: { fen: 0 } },
    { verb: "other_amount", label: "approves more", look: "fault", fields: [{ name: "times", label: "fen", value: 1, min: 0, max: 100000, step: 1 }], on: (s) => armed(s, "other_amount"), off: { times: 0 } },
    flip("double_status", "approves twice"), flip("repeat_after_cut", "repeats after a reconnect"), flip("last_only", "reverses only the last"),
    { verb: "auto", label: "tap by itself", fields: [{ name: "card", options: ["citizen-02", "none"] }, { name: "after", label: "after seconds", value: 0.5, min: 0 }], on: (s) => Boolean(s.auto), off: { card: "none" } },
  ]],
  ["Dialect", [
    flip("unsolicited_status", "status without amount", "unsolicited"), flip("keep_on_loss", "keeps over a lost link (1F1F)"), flip("receipt_ids", "receipt numbers (1F1F)"),
    flip("no_message_ids", "no message numbers"), count("repeat_message", "messages twice", "repeated"), flip("latin1", "prints Latin-1"),
    { verb: "completion_length", label: "completion length", look: "fault", fields: [{ name: "length", value: 0, min: 0, max: 2, step: 1 }], on: (s) => armed(s, "completion_length"), undo: "clear_faults" },
    { verb: "status_code", label: "status byte", look: "fault", fields: [{ name: "code", label: "status, hexadecimal", value: "51" }], on: (s) => armed(s, "status_code"), off: { code: "00" } },
  ]],
  ["Self-test and software", [
    flip("self_test_fails", "self-test fails"), flip("no_self_test", "knows no self-test"),
    { verb: "firmware", label: "other software", fields: [{ name: "version", label: "version", value: "SPECIMEN-PAD-1.1" }] },
  ]],
  ["Holds", [
    flip("keep_refused_hold", "keeps refused holds"), flip("no_hold_list", "does not list holds"), flip("no_holds", "knows no holds"),
    flip("no_part", "no partial issue"), flip("ignore_part", "charges everything"),
  ]],
  ["End of day", [
    flip("lock_f0", "locked until then (F0)"), flip("end_of_day_fails", "fails (77)"), flip("lengthless_totals", "totals without length"),
    { verb: "mute", label: "updates itself after it", look: "fault", fields: [...seconds(5), { name: "how", options: ["E0", "FC"] }, { name: "deaf", options: [["false", "answers"], ["true", "deaf"]] }], on: (s) => armed(s, "mute_s"), off: { seconds: 0 } },
    { verb: "clear_faults", label: "All well" },
  ]],
];

export function pad(known, citizens) {
  const p = panel("Payment pad", "contactless", FAMILY);
  const lcd = h("div", { class: "lcd" });
  const money = h("p", { class: "small" });
  const ledger = h("div", { class: "scroll" });
  const waits = (s) => Boolean(s.waiting) || s.phase === "pin";
  const names = citizens.map((c) => [c.key, c.name]);
  const card = h("select", { class: "input", "aria-label": "Whose bank card", title: "Whose bank card" }, h("option", { value: "" }, "card of who stands here"), names.map(([key, name]) => h("option", { value: key }, `${name}'s card`)));
  const pin = h("select", { class: "input", "aria-label": "PIN that is typed", title: "PIN that is typed" }, [["1234", "right PIN"], ["wrong", "wrong PIN"], ["wrong-then-right", "wrong, then right"]].map(([value, words]) => h("option", { value }, words)));
  const chosen = () => (card.value ? { card: card.value } : {});
  const fault = (verb, label, field = verb, args = {}) => ({ verb, label, args, look: "fault", on: (s) => armed(s, field), undo: "clear_faults" });
  const does = verbs(p, known, [
    { verb: "tap", label: "Tap card", enabled: waits, values: chosen },
    { verb: "insert", label: "Insert + PIN", enabled: waits, values: () => ({ ...chosen(), pin: pin.value }) },
    { verb: "cancel_key", label: "Red key", enabled: waits },
  ]);
  const faults = verbs(p, known, [
    fault("decline", "decline 05"), fault("lose_answer", "lose answer"), fault("busy", "busy 9C"), fault("silent", "silent"),
    fault("late_approval", "late approval"), fault("no_completion", "no end"), fault("slow", "slow bank", "slow_s"), fault("lock_f0", "locked F0"),
  ]);
  const all = drawer(p, known, GROUPS(names), "all faults");
  p.root.append(lcd, h("div", { class: "buttons" }, card, pin, does.elements), money, ledger, h("div", { class: "buttons push" }, faults.elements, all.open, p.plug));
  const [tap] = does.elements;
  return {
    root: p.root,
    drawer: all.root,
    update(state) {
      p.power(state);
      p.say(state.words, !state.plugged || (state.faults || []).length ? "fault" : state.phase === "idle" ? "ok" : "attention");
      replaceIfNew(lcd, [state.display, state.amount_fen], () => [
        state.amount_fen ? h("b", {}, `${yuan(state.amount_fen)} CNY`) : null, h("span", {}, state.display || "ready")]);
      does.update(state);
      if (tap) tap.classList.toggle("primary", waits(state));
      faults.update(state);
      all.update(state);
      const held = state.held_fen || 0;
      replaceIfNew(money, [state.balance_fen, held, state.holds], () => [
        "bank: taken ", h("b", {}, `${yuan(state.balance_fen ?? 0)} CNY`), " · held ", h("b", {}, `${yuan(held)} CNY`),
        (state.holds || []).length ? ` (${state.holds.length} open)` : ""]);
      replaceIfNew(ledger, state.ledger || [], () => ((state.ledger || []).length
        ? table(state.ledger.slice(-20).reverse().map((e) => [e.trace, `${e.kind} ${e.state}${e.code === "00" ? "" : ` ${e.code}`}`, e.card, yuan(e.fen)]))
        : h("p", { class: "small" }, "The bank has seen nothing yet.")));
    },
  };
}
