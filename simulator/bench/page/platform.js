// The platform and the network: what is wrong with them on purpose, what the platform holds, the citizen's app.

import { act, button, call, h, icon, yuan } from "/page/dom.js";
import { panel, replaceIfNew, verbs } from "/page/panel.js";

const FAULTS = [["5xx", { status: 503 }], ["lost reply", { drop_reply_after_commit: true }], ["down", { down: true }]];
const on = (faults, wish) => Object.entries(wish).every(([key, value]) => (faults || {})[key] === value);
const healthy = (faults) => !faults || Object.values(faults).every((value) => !value || value === "" );

export function platform(cable) {
  const p = panel("Platform and network", "account_balance", cable ? "network" : "");
  let line = { plugged: true, fault: "" };
  const ways = verbs("network", cable || {}, [
    { verb: "slow", label: "slow 2 s", look: "fault", on: (s) => s.fault === "slow", undo: "restore" },
    { verb: "half", label: "half answers", look: "fault", on: (s) => s.fault === "half", undo: "restore" },
    { verb: "lose", label: "answers lost", look: "fault", on: (s) => s.fault === "lose", undo: "restore" },
  ]);
  let bank = null;
  let now = {};
  const online = button("online", () => {
    if (now.reachable) call("POST", "/api/platform/faults", {});
    if (cable && line.fault) act("network", "restore");
    if (cable && line.plugged === false) call("POST", "/api/devices/network/plug");
  });
  const faults = FAULTS.map(([label, wish]) => [wish, button(label, () => call("POST", "/api/platform/faults", on(now.faults, wish) ? {} : wish), "fault")]);
  const matches = h("div", { class: "facts" });
  const facts = h("div", { class: "facts" });
  const cases = h("div", { class: "scroll" });
  if (p.plug) p.plug.classList.add("cable");
  p.root.append(h("div", { class: "buttons keep" }, online, ways.elements, faults.map(([, b]) => b), p.plug || ""), matches, facts, cases);

  function draw() {
    const there = now.reachable;
    const well = there && healthy(now.faults) && line.plugged !== false && !line.fault;
    const words = line.plugged === false ? "cable out" : line.fault ? line.words : !there ? now.words || "not asked yet" : well ? "online" : "faults on";
    p.say(words, well ? "ok" : there && line.plugged !== false ? "attention" : "fault");
    online.update({ on: Boolean(well) });
    ways.update(line);
    for (const [wish, b] of faults) b.update({ on: Boolean(there && on(now.faults, wish)), enabled: Boolean(there) });
    const waiting = (now.app_matches || []).filter((m) => m.state === "waiting");
    replaceIfNew(matches, waiting, () => waiting.map((m) => h("div", { class: "match" }, icon("contact_page"),
      h("span", {}, "Phone app: pick ", h("b", {}, m.number)),
      h("span", { class: "buttons" },
        button("Confirm", () => call("POST", `/api/platform/app-matches/${m.id}`, { answer: "confirm" }), "primary"),
        button("Refuse", () => call("POST", `/api/platform/app-matches/${m.id}`, { answer: "refuse" }))))));
    replaceIfNew(facts, [now, bank], () => [
      h("div", {}, `cases ${count(now.cases)} · orders ${count(now.orders)} · prints ${count(now.prints)} · ratings ${count(now.evaluations)} · events ${count(now.events)}`),
      h("div", {}, "bank account of the payee ", h("b", {}, bank === null ? "–" : `${yuan(bank)} CNY`)),
    ]);
    replaceIfNew(cases, [now.cases, now.orders, now.prints], () => table([
      ...rows(now.cases, (c) => [c.number, c.service, c.state]),
      ...rows(now.orders, (o) => [o.masked_card || "order", `${yuan(o.fen ?? 0)} CNY`, o.state]),
      ...rows(now.prints, (t) => [t.serial || t.jti, t.service, t.state]),
    ]));
  }
  draw();
  return {
    root: p.root,
    update(overview) { now = overview; draw(); },
    network(state) { line = state; p.power(state); if (p.plug) p.plug.textContent = state.plugged ? "cut the cable" : "plug the cable in"; draw(); },
    bank(fen) { bank = fen; draw(); },
  };
}

const count = (list) => (Array.isArray(list) ? list.length : list ?? "–");
const rows = (list, cells) => (list || []).slice(-6).reverse().map(cells);
export const table = (lines) => h("table", { class: "ledger" }, h("tbody", {}, lines.map((cells) => h("tr", {}, cells.map((cell) => h("td", { title: String(cell ?? "") }, String(cell ?? "")))))));
