// The platform and the network: what is wrong with them on purpose, what the platform holds, the citizen's app.

import { button, h, icon, yuan } from "/page/dom.js";
import { offices } from "/page/offices.js";
import { drawer, panel, replaceIfNew, table, verbs } from "/page/panel.js";

const FAULTS = "/api/platform/faults";
const knob = (name) => `/api/platform/knobs/${name}`;
const FLAWS = {
  expired: "permission expired", early: "not yet valid", "other-terminal": "for another terminal", "other-intent": "for another order",
  "other-service": "for another service", "other-document": "for another document", "over-copies": "too few copies", replayed: "used before",
  "bad-signature": "wrong signature", unsigned: "unsigned", "code-forged": "code forged", "code-differs": "code of other facts",
  "code-unknown-key": "code of an unknown key", copy: "a copy (no flaw)",
};
// Every member of the fault plan (simulator/platform/faults.py): name, label, value, and what has to be said beside it.
const PLANS = (plan) => [
  ["down", "down", true], ["slow_s", "slow", 0, { name: "seconds", value: 5, min: 0, max: 600 }], ["status", "gateway's page", 0, { name: "status", value: 503, min: 500, max: 599, step: 1 }],
  ["half", "half answers", true], ["drop_reply_after_commit", "done, reply lost", true], ["duplicate", "delivered twice", true],
  ["problem", "refuses with", "", { name: "problem", options: plan.problems }], ["clock_skew_s", "its clock is wrong", 0, { name: "skew", label: "seconds", value: 3600, step: 1 }],
];
const same = (faults, wish) => Object.entries(wish).every(([key, value]) => (faults || {})[key] === value);
const healthy = (faults) => !faults || Object.values(faults).every((value) => !value);
const today = () => new Date().toLocaleDateString("sv", { timeZone: "Asia/Shanghai" });

export function platform(cable, plan) {
  const areas = [["", "everywhere"], ...plan.areas.map((area) => [area, area])];
  const p = panel("Platform and network", "account_balance", cable ? "network" : "");
  let line = { plugged: true, fault: "" };
  const ways = verbs(p, cable || {}, [
    { verb: "slow", label: "slow 2 s", look: "fault", on: (s) => s.fault === "slow", undo: "restore" },
    { verb: "half", label: "half answers", look: "fault", on: (s) => s.fault === "half", undo: "restore" },
    { verb: "lose", label: "answers lost", look: "fault", on: (s) => s.fault === "lose", undo: "restore" },
  ].filter(() => cable));
  let bank = null;
  let now = {};
  const online = button("online", () => {
    if (now.reachable) p.perform("online", FAULTS, {});
    if (cable && line.fault) p.perform("online", "/api/devices/network/restore");
    if (cable && line.plugged === false) p.perform("cable in", "/api/devices/network/plug");
  });
  const wish = (label, plan) => ({ label, path: FAULTS, look: "fault", words: "What the platform does with every request", body: () => (same(now.faults, plan) ? {} : plan), on: () => same(now.faults, plan), enabled: () => Boolean(now.reachable) });
  const faults = verbs(p, {}, [wish("5xx", { status: 503 }), wish("lost reply", { drop_reply_after_commit: true }), wish("down", { down: true })]);
  const there = () => Boolean(now.reachable);
  const all = drawer(p, cable || {}, [
    ["Next permission to print", [
      { label: "flawed", path: knob("print-flaws"), look: "fault", words: "The next permission has this flaw, once",
        fields: [{ name: "flaw", options: Object.entries(FLAWS) }], body: ({ flaw }) => ({ flaw: now.wishes?.flaw ? "" : flaw }), on: () => Boolean(now.wishes?.flaw), enabled: there },
      { label: "sign codes with", path: knob("code-algorithm"), words: "How certificate codes are signed from now on", fields: [{ name: "algorithm", options: ["ED25519", "SM2"] }], body: (given) => given, enabled: there },
    ]],
    ["Status list of certificates", [
      { label: "void the certificate", path: knob("void-certificates"), look: "fault", words: "Put a certificate on the list of void ones; without an identifier the last printed one",
        fields: [{ name: "identifier", label: "identifier (empty: the last printed)", value: "" }, { name: "reason", options: ["revoked", "replaced", "mistaken"] }],
        body: (given) => ({ identifier: lastPrinted(), ...given }), enabled: there },
    ]],
    ["The fault plan: one area, so many times", [
      ...PLANS(plan).map(([field, label, value, more]) => ({
        label, path: `${FAULTS}/areas`, look: "fault", words: `${label}, in one area, so many times (0: until it is mended)`, plan: field,
        fields: [...(more ? [more] : []), { name: "area", options: areas }, { name: "times", value: 0, min: 0, max: 1000000, step: 1 }],
        body: ({ area, times, ...given }) => ({ [field]: more ? given[more.name] : value, ...(area ? { area } : {}), ...(times ? { times } : {}) }), enabled: there })),
      { label: "All well", path: FAULTS, body: () => ({}), enabled: there },
      ...(cable ? [{ verb: "slow", label: "slow line", look: "fault", fields: [{ name: "seconds", value: 2, min: 0, max: 600 }], on: () => line.fault === "slow", undo: "restore", always: true }] : []),
    ]],
  ], "papers and money");
  const office = offices(p, there);
  const books = h("div", { class: "books" });
  all.root.append(books);
  const matches = h("div", { class: "facts" });
  const facts = h("div", { class: "facts" });
  const cases = h("div", { class: "scroll" });
  if (p.plug) p.plug.classList.add("cable");
  p.root.append(h("div", { class: "buttons keep" }, online, ways.elements, faults.elements, p.plug || ""), matches, facts, cases, h("div", { class: "buttons push" }, office.open, all.open));

  const lastPrinted = () => ((now.prints || []).filter((one) => one.state === "PRINTED").pop() || {}).identifier || "";

  function draw() {
    const well = now.reachable && healthy(now.faults) && line.plugged !== false && !line.fault;
    const words = line.plugged === false ? "cable out" : line.fault ? line.words : !now.reachable ? now.words || "not asked yet" : well ? "online" : "faults on";
    p.say(words, well ? "ok" : now.reachable && line.plugged !== false ? "attention" : "fault");
    online.update({ on: Boolean(well) });
    ways.update(line);
    faults.update(now);
    all.update(line);
    office.update(now);
    const waiting = (now.app_matches || []).filter((m) => m.state === "waiting");
    const reply = (m, answer) => p.perform(`${answer} in the app`, `/api/platform/app-matches/${m.id}`, { answer });
    replaceIfNew(matches, waiting, () => waiting.map((m) => h("div", { class: "match" }, icon("contact_page"),
      h("span", {}, "Phone app: pick ", h("b", {}, m.number)),
      h("span", { class: "buttons" }, button("Confirm", () => reply(m, "confirm"), "primary"), button("Refuse", () => reply(m, "refuse"))))));
    replaceIfNew(facts, [count(now.cases), count(now.orders), count(now.prints), count(now.evaluations), count(now.events), bank, now.payers?.paid_fen], () => [
      h("div", {}, `cases ${count(now.cases)} · orders ${count(now.orders)} · prints ${count(now.prints)} · ratings ${count(now.evaluations)} · events ${count(now.events)}`),
      h("div", {}, "taken at the pad ", h("b", {}, bank === null ? "–" : `${yuan(bank)} CNY`), " · by phone ", h("b", {}, now.payers ? `${yuan(now.payers.paid_fen)} CNY` : "–")),
    ]);
    replaceIfNew(cases, [now.cases, now.orders, now.prints], () => table([
      ...rows(now.cases, (c) => [c.number, c.service, c.state]),
      ...rows(now.orders, (o) => [o.masked_card || "order", `${yuan(o.fen ?? 0)} CNY`, o.state]),
      ...rows(now.prints, (t) => [t.serial || t.jti, t.service, t.state]),
    ]));
    replaceIfNew(books, [now.orders, now.refunds, now.void_certificates, now.comparisons], () => [
      book("Settlement of the day", settlement(now.orders || []), ["state", "orders", "CNY"], "No order today."),
      book("Refunds", rows(now.refunds, (r) => [r.at.slice(11, 19), r.reason, `${yuan(r.fen)} CNY`, r.state], 20), ["at", "reason", "amount", "state"], "Nothing was refunded."),
      book("Void certificates", rows(now.void_certificates, (v) => [v.identifier, v.since, v.reason], 20), ["identifier", "since", "reason"], "The status list is empty."),
      book("Comparisons by terminals", rows(now.comparisons, (c) => [c.kiosk, c.day, `${(c.body?.items || []).length} differences`], 20), ["terminal", "day", "found"], "No terminal has compared yet."),
    ]);
  }
  draw();
  return {
    root: p.root,
    drawer: [all.root, office.root],
    update(overview) { now = overview; draw(); },
    network(state) { line = state; p.power(state); if (p.plug) p.plug.textContent = state.plugged ? "cut the cable" : "plug the cable in"; draw(); },
    bank(fen) { bank = fen; draw(); },
  };
}

const book = (heading, lines, heads, empty) => h("div", { class: "group" }, h("h3", {}, heading), lines.length ? h("div", { class: "scroll" }, table(lines, heads)) : h("p", { class: "small" }, empty));

function settlement(orders) {
  const day = today();
  const sums = new Map();
  for (const order of orders.filter((one) => (one.at || "").slice(0, 10) === day)) {
    const [number, fen] = sums.get(order.state) || [0, 0];
    sums.set(order.state, [number + 1, fen + (order.fen || 0)]);
  }
  return [...sums].map(([state, [number, fen]]) => [state, number, yuan(fen)]);
}

const count = (list) => (Array.isArray(list) ? list.length : list ?? "–");
const rows = (list, cells, most = 6) => (list || []).slice(-most).reverse().map(cells);
