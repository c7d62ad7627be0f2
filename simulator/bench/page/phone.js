// A citizen's phone: it pays the code on the terminal's screen, shows codes to the camera, and the payers' services
// behind it do what QA wants of them.

import { h, yuan } from "/page/dom.js";
import { drawer, panel, replaceIfNew, table, verbs } from "/page/panel.js";

const WALLETS = [["wechat", "WeChat 微信"], ["alipay", "Alipay 支付宝"], ["unionpay", "UnionPay 云闪付"], ["bestpay", "BestPay 翼支付"]];
const NAMES = { ...Object.fromEntries(WALLETS), card: "bank card" };
const KNOBS = "/api/platform/knobs/provider";
const PROVIDER = {
  paying_s: 0, never_pays: false, declines: "", unknown_s: 0, paid_after_close: false, late_s: 30,
  reversal_slow_s: 0, reversal_refused: 0, refund_slow_s: 0, refund_refused: 0, duplicate_notify: false,
};

export function phone(readers) {
  const p = panel("Citizen's phone", "call");
  p.root.classList.add("two");
  let now = {};
  let scene = {};
  const wallet = select("Whose payment service", WALLETS);
  const where = select("What the phone is held to", [["camera", "to the camera"], ["code-reader", "to the code reader"]].filter(([name]) => readers.includes(name)));
  const there = () => Boolean(now.reachable);
  const pay = (how, label, look, words) => ({ label, look, words, path: "/api/phone/pay", body: () => ({ provider: wallet.value, how }), enabled: there });
  const hold = (label, what, words) => ({ label, words, path: "/api/phone/hold", body: () => ({ what: what || wallet.value, where: where.value }), enabled: there });
  const pays = verbs(p, {}, [
    pay("pays", "Scan and pay", "primary", "Scan the code on the terminal's screen and pay"),
    pay("refuses", "refuse", "fault", "The payer's bank says no"),
    pay("late", "pay after 20 s", "fault", "The password is entered 20 s later"),
    pay("after-close", "pay after it is closed", "fault", "The payment arrives although the order was closed unpaid"),
  ]);
  const shows = verbs(p, {}, [hold("Show my payment code", "", "Make a payment code and hold it up; it can be used once")]);
  const papers = verbs(p, {}, [
    hold("last printed", "last", "The code of the certificate that was printed last: valid"),
    hold("altered", "altered", "The same with another holder"),
    hold("void", "void", "A certificate on the status list"),
    hold("expired", "expired", "Its last day is over"),
    hold("foreign", "foreign", "A code of somebody else"),
  ]);
  const app = (label, act, words) => ({ label, words, path: "/api/phone/app", body: () => ({ act }), enabled: there });
  const apps = verbs(p, {}, [
    app("Scan the terminal's code", "scan", "Sign in there, or take the session over"),
    app("pick the number", "pick", "Confirm with the number that the terminal shows"),
    app("sign out", "logout", "Ends the session at the terminal too"),
    hold("show my code", "app-fresh", "The account's code, good once for a minute"),
    hold("expired code", "app-expired", "Refused with the reason"),
    hold("used code", "app-used", "Refused with the reason"),
    hold("another province's", "app-foreign", "Refused with the reason"),
    hold("not verified", "app-unverified", "An account without a real name"),
  ]);
  const away = verbs(p, {}, [{ label: "Put the phone away", path: "/api/phone/away", body: () => ({}), enabled: () => scene.scene === "code" }]);
  const ledger = h("div", { class: "scroll tall" });
  const paid = h("p", { class: "small" });

  const turned = (name) => Boolean(now.provider) && now.provider[name] !== PROVIDER[name];
  // A click on a knob that is turned puts it back.
  const knob = (name, label, value) => ({
    label, look: "fault", path: KNOBS, on: () => turned(name), enabled: there, knob: name,
    fields: typeof value === "object" ? [{ name, options: value }] : value === true ? [] : [{ name, label: UNITS[name] || "seconds", value, min: 0, step: UNITS[name] ? 1 : undefined }],
    body: (given) => ({ ...now.provider, [name]: turned(name) ? PROVIDER[name] : value === true ? true : given[name] }),
  });
  const all = drawer(p, {}, [
    ["Paying", [
      knob("paying_s", "pays after", 15), knob("never_pays", "never enters the password", true), knob("declines", "is declined", ["declined", "insufficient", "code-invalid"]),
      knob("unknown_s", "unknown for", 60), knob("duplicate_notify", "told twice", true),
    ]],
    ["After it is closed", [knob("paid_after_close", "paid all the same", true), knob("late_s", "so late", 5)]],
    ["Money back", [
      knob("reversal_slow_s", "reversal takes", 30), knob("reversal_refused", "reversal refused", 3),
      knob("refund_slow_s", "refund takes", 60), knob("refund_refused", "refund refused", 2),
    ]],
    ["All", [
      { label: "All well", path: KNOBS, body: () => ({}), enabled: there },
      { label: "lost reply, once", look: "fault", words: "The platform does the next payment order and loses its answer", path: "/api/platform/faults", body: () => ({ drop_reply_after_commit: true, area: "payment-orders", times: 1 }), enabled: there },
    ]],
  ], "payers' services");
  p.root.append(h("div", { class: "buttons" }, wallet, where, all.open), h("div", { class: "halves" },
    h("div", { class: "half" },
      group("The code on the terminal's screen", pays.elements),
      group("The payer's own code 付款码", [...shows.elements, ...away.elements]),
      group("A certificate's code 核验证照", papers.elements)),
    h("div", { class: "half" },
      group("The province's app 爱山东", apps.elements),
      h("div", { class: "group" }, h("h3", {}, "Who paid what, what came back"), paid, ledger))));

  function draw() {
    const held = scene.scene === "code";
    const knobs = Object.keys(PROVIDER).filter(turned);
    p.say(!there() ? "the platform does not answer" : held ? "held to the camera" : knobs.length ? `knobs: ${knobs.length} turned` : "in the pocket", !there() ? "fault" : held || knobs.length ? "attention" : "ok");
    for (const set of [pays, shows, papers, apps, away, all]) set.update(now);
    const items = (now.payers && now.payers.items) || [];
    replaceIfNew(paid, [now.payers && now.payers.paid_fen], () => [`all phones together have paid `, h("b", {}, now.payers ? `${yuan(now.payers.paid_fen)} CNY` : "–")]);
    replaceIfNew(ledger, items, () => (items.length
      ? table(items.slice(-30).reverse().map((e) => [e.at.slice(11, 19), NAMES[e.provider] || e.provider || "–", e.kind === "refund" ? "back" : "paid", yuan(e.kind === "refund" ? -e.fen : e.fen), `…${e.id.slice(-6)}`]), ["at", "with", "what", "CNY", "order"])
      : h("p", { class: "small" }, "Nobody has paid by phone yet.")));
  }
  draw();
  return {
    root: p.root,
    drawer: all.root,
    update(overview) { now = overview; draw(); },
    camera(state) { scene = state; draw(); },
  };
}

const UNITS = { reversal_refused: "times", refund_refused: "times" };
const group = (heading, elements) => h("div", { class: "group" }, h("h3", {}, heading), h("div", { class: "buttons" }, elements));
const select = (name, options) => h("select", { class: "input", "aria-label": name, title: name }, options.map(([value, words]) => h("option", { value }, words)));
