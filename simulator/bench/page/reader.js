// The tray of cards beside the ID-card reader: every invented citizen's, and the cards that are special.

import { attempt, button, h, icon } from "/page/dom.js";
import { ownCard } from "/page/own_card.js";
import { armed, drawer, panel, verbs } from "/page/panel.js";

const FAMILY = "id-card-reader";
const SPECIAL = {
  "permit-hk": "residence permit, Hong Kong", "foreign-2017": "foreigner's card of 2017", "foreign-2023": "foreigner's card of 2023",
  moved: "card with a new address on the chip", forged: "no genuine chip", void: "reported lost", damaged: "broken loop: found, never read",
  child: "of a child, 8 years", technician: "test technician, PIN 402693", supervisor: "test supervisor, PIN 857136",
};
const TIMES = { name: "times", label: "times (a number or always)", value: "1" };
const AT = { name: "at", label: "at which command", options: ["any", "find", "select", "read"] };

export function reader(known, citizens) {
  const p = panel("ID-card reader", "badge", FAMILY);
  const card = (key, name, remark, title, face) => h("button", {
    type: "button", class: "idcard", "aria-pressed": "false", title: `${title} Click: put this card on the reader.`,
    "data-family": FAMILY, "data-verb": "present",
    onclick: () => p.perform(`${name} on the reader`, `/api/devices/${FAMILY}/present`, { card: key }),
  }, face ? h("img", { src: `/api/citizens/${key}/face`, alt: "", loading: "lazy" }) : icon("contact_page"),
  h("span", {}, h("b", {}, name), remark));
  const cards = new Map(citizens.filter((c) => !c.own).map((c) => [c.key, card(c.key, c.name, c.remark, `${c.key}: ${c.name}, ${c.sex}, ${c.birth}; card valid to ${c.valid_to}; ${c.remark}.`, true)]));
  for (const [key, words] of Object.entries(SPECIAL)) if ((known.present || "").includes(key)) cards.set(key, card(key, key, words, `${words}.`, false));
  const tray = h("div", { class: "tray" }, [...cards.values()]);
  const own = (c) => {
    const one = card(c.key, c.name, "made here", `${c.key}: ${c.name}, ${c.sex}, ${c.birth}; card valid to ${c.valid_to}.`, true);
    const away = h("button", { type: "button", class: "away", title: `Throw ${c.name}'s card away`, "aria-label": `Throw ${c.name}'s card away`, onclick: async () => {
      const answer = await attempt("DELETE", `/api/cards/${c.key}`);
      p.told(`${c.name}'s card thrown away`, answer);
      if (answer.ok) { cards.delete(c.key); holder.remove(); }
    } }, icon("close"));
    const holder = h("span", { class: "own-card" }, one, away);
    cards.set(c.key, one);
    tray.prepend(holder);
    tray.scrollTop = 0;
    return one;
  };
  citizens.filter((c) => c.own).forEach(own);
  const make = button("New citizen …", ownCard(citizens, (c) => { own(c).focus(); p.told(`${c.name}'s card in the tray`, { ok: true }); }), "", "Make a card of your own");
  const fault = (verb, label, args, fields) => ({ verb, label, args, fields, look: "fault", on: (s) => armed(s, verb), undo: "clear_faults" });
  const does = verbs(p, known, [
    { verb: "lift", label: "Lift card", enabled: (s) => Boolean(s.card) },
    fault("pull_mid_read", "pull mid-read"), fault("bad_checksum", "bad checksum"), fault("truncated", "cut short"),
    fault("silent", "silent", { times: "always" }), fault("self_test_fault", "SAM fault", { on: true }),
  ]);
  const line = (verb, label, more = []) => fault(verb, label, {}, [...more, TIMES, AT]);
  const all = drawer(p, known, [
    ["Cards", [
      { verb: "second", label: "second card", fields: [{ name: "card", options: citizens.map((c) => [c.key, c.name]), value: "citizen-08" }], enabled: (s) => Boolean(s.card) },
      { verb: "require_removal", label: "must be lifted between reads", args: { on: true }, off: { on: false }, on: (s) => armed(s, "require_removal") },
    ]],
    ["Answers", [
      fault("status", "status byte", {}, [{ name: "code", label: "status, hexadecimal", value: "41" }, TIMES, AT]),
      line("bad_checksum", "bad checksum"), line("truncated", "cut short"), line("silent", "silent"), line("wrong_length", "wrong length"), line("twice", "twice"),
      line("late", "late", [{ name: "seconds", value: 1.3, min: 0 }]),
    ]],
    ["Line", [line("junk_prefix", "noise before"), line("false_start", "false start"), line("stray_byte", "stray byte"), line("odd_frame", "odd frame")]],
    ["Reader", [fault("self_test_fault", "SAM fault", { on: true }), { verb: "clear_faults", label: "All well" }]],
  ]);
  p.root.append(tray, h("div", { class: "buttons push" }, make, does.elements, all.open, p.plug));
  let shown = null;
  return {
    root: p.root,
    drawer: all.root,
    update(state) {
      p.power(state);
      const on = state.card || null;
      p.say(state.words, !state.plugged || (state.faults || []).length ? "fault" : on ? "ok" : "");
      for (const [key, one] of cards) { one.classList.toggle("on", key === on); one.setAttribute("aria-pressed", String(key === on)); }
      if (on !== shown) { shown = on; if (cards.has(on)) tray.scrollTop = cards.get(on).offsetTop - tray.offsetTop - 60; }
      does.update(state);
      all.update(state);
    },
  };
}
