// The offices' drawer: every case with what its office may do now; time, cabinet, parcels, fees, orders to the terminal.

import { h } from "/page/dom.js";
import { drawer, replaceIfNew, verbs } from "/page/panel.js";

const OFFICE = "/api/platform/office";
const knob = (name) => `/api/platform/knobs/${name}`;
const ACTS = [["step", "next step"], ["done", "done"], ["refuse", "refuse"], ["supplement", "ask for papers"], ["pause", "stop the clock"], ["resume", "go on"]];
const OVER = ["DONE", "REFUSED", "WITHDRAWN", "PART_DONE"];

export function offices(p, there) {
  const all = drawer(p, {}, [
    ["The newest case, or one by its number", [
      { label: "do", path: OFFICE, words: "What the office does with the case; empty: the newest one", enabled: there,
        fields: [{ name: "act", options: ACTS }, { name: "number", label: "number (empty: the newest)", value: "" }, { name: "why", label: "why", value: "" }],
        body: ({ act, number: no, why }) => ({ act, ...(no ? { number: no } : {}), ...(why ? { why } : {}) }) },
    ]],
    ["Time", [{ label: "days pass", path: knob("time"), words: "The offices' time moves on: promises come due", fields: [{ name: "days", value: 1, min: 1, max: 400, step: 1 }], body: (given) => given, enabled: there }]],
    ["Collecting and delivering", [
      { label: "cabinet", path: knob("cabinet"), words: "How the next collections go", enabled: there,
        fields: [{ name: "cabinet", options: [["rule", "by rule"], ["ready", "ready"], ["not-ready", "not ready"], ["stuck", "door stuck"], ["left", "left behind"]] }], body: (given) => given },
    ]],
    ["Fees and wishes", [
      { label: "fee differs by", path: knob("fee-changes"), words: "Every fee changes by so many fen between review and payment; 0 ends it", look: "fault", fields: [{ name: "fen", value: 100, step: 1 }], body: (given) => given, enabled: there },
      { label: "part refused", path: knob("refuse-part"), words: "This part fails when its bundle is handed in next; empty: none", look: "fault", fields: [{ name: "service", label: "service, such as WH-PS-001", value: "" }], body: ({ service }) => (service ? { service } : {}), enabled: there },
    ]],
  ], "offices", "drawer-offices");
  const list = h("div", { class: "cases" });
  all.root.append(h("div", { class: "group" }, h("h3", {}, "Cases, newest first"), list));
  let sets = [];
  return {
    open: all.open,
    root: all.root,
    update(now) {
      all.update(now);
      const cases = (now.cases || []).slice(-30).reverse();
      replaceIfNew(list, cases, () => {
        sets = cases.map((one) => [one, verbs(p, {}, ACTS.map(([act, label]) => ({
          label, look: act === "refuse" ? "fault" : "", words: `${label}: case ${one.number}`, path: OFFICE, body: () => ({ number: one.number, act }),
          enabled: () => !OVER.includes(one.file_state) && (act === "resume") === (one.file_state === "PAUSED"),
        })))]);
        return sets.length ? sets.map(([one, set]) => h("div", { class: "case" }, h("b", {}, one.number), h("span", {}, one.service), h("span", { class: "badge", title: `step: ${one.step}; the citizen is told ${one.state}` }, one.file_state),
          h("span", { class: "small" }, one.promise_date ? `promised ${one.promise_date}` : ""), h("span", { class: "buttons" }, set.elements))) : [h("p", { class: "small" }, "No case was handed in yet.")];
      });
      for (const [, set] of sets) set.update(now);
    },
  };
}
