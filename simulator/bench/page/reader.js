// The tray of cards beside the ID-card reader: every invented citizen's, and the cards that are special.

import { act, h, icon } from "/page/dom.js";
import { panel, verbs } from "/page/panel.js";

const FAMILY = "id-card-reader";
const SPECIAL = {
  "permit-hk": "residence permit, Hong Kong", "foreign-2017": "foreigner's card of 2017", "foreign-2023": "foreigner's card of 2023",
  moved: "card with a new address on the chip", forged: "no genuine chip", void: "reported lost",
};

export function reader(known, citizens) {
  const p = panel("ID-card reader", "badge", FAMILY);
  const card = (key, name, remark, title, face) => h("button", {
    type: "button", class: "idcard", "aria-pressed": "false", title: `${title} Click: put this card on the reader.`,
    onclick: () => act(FAMILY, "present", { card: key }),
  }, face ? h("img", { src: `/api/citizens/${key}/face`, alt: "", loading: "lazy" }) : icon("contact_page"),
  h("span", {}, h("b", {}, name), remark));
  const cards = new Map(citizens.map((c) => [c.key, card(c.key, c.name, c.remark, `${c.key}: ${c.name}, ${c.sex}, ${c.birth}; card valid to ${c.valid_to}; ${c.remark}.`, true)]));
  for (const [key, words] of Object.entries(SPECIAL)) if ((known.present || "").includes(key)) cards.set(key, card(key, key, words, `${words}.`, false));
  const tray = h("div", { class: "tray" }, [...cards.values()]);
  const fault = (verb, label, args) => ({ verb, label, args, look: "fault", on: (s) => armed(s, verb), undo: "clear_faults" });
  const does = verbs(FAMILY, known, [
    { verb: "lift", label: "Lift card", enabled: (s) => Boolean(s.card) },
    fault("pull_mid_read", "pull mid-read"), fault("bad_checksum", "bad checksum"), fault("truncated", "cut short"),
    fault("silent", "silent", { times: "always" }), fault("self_test_fault", "SAM fault", { on: true }),
  ]);
  p.root.append(tray, h("div", { class: "buttons push" }, does.elements, p.plug));
  let shown = null;
  return {
    root: p.root,
    update(state) {
      p.power(state);
      const on = state.card || null;
      p.say(state.words, !state.plugged || (state.faults || []).length ? "fault" : on ? "ok" : "");
      for (const [key, one] of cards) { one.classList.toggle("on", key === on); one.setAttribute("aria-pressed", String(key === on)); }
      if (on !== shown) { shown = on; if (cards.has(on)) tray.scrollTop = cards.get(on).offsetTop - tray.offsetTop - 60; }
      does.update(state);
    },
  };
}

export const armed = (state, fault) => (state.faults || []).some((one) => one === fault || one.startsWith(`${fault} `));
