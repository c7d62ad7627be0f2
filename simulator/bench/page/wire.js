// The decoded wire: filter by device, pause, download.

import { $, button, clock, fill, h, icon } from "/page/dom.js";

const KEPT = 1500;
const SHORT = { "id-card-reader": "reader", "payment-pad": "pad", "receipt-printer": "receipt", "licence-printer": "licence", network: "platform", cabinet: "cabinet", "code-reader": "code", "document-camera": "desk" };
let lines = [];
let chosen = "all";
let paused = false;
let last = 0;
const list = h("div", { class: "lines", tabIndex: 0, role: "log" });
const empty = h("p", { class: "small" }, "Nothing has crossed yet.");
const filters = h("span", { class: "buttons" });
const pause = button("Pause", () => { paused = !paused; pause.textContent = paused ? "Go on" : "Pause"; pause.update({ on: paused }); if (!paused) redraw(); });
const save = h("a", { class: "button", href: "/api/wire.txt", download: "wire.txt" }, "Download");

export function buildWire(families) {
  const buttons = ["all", ...families].map((name) => {
    const one = button(SHORT[name] || name, () => {
      chosen = name;
      for (const [other, b] of Object.entries(all)) b.update({ on: other === name });
      save.href = name === "all" ? "/api/wire.txt" : `/api/wire.txt?device=${name}`;
      redraw();
    });
    one.update({ on: name === chosen });
    return [name, one];
  });
  const all = Object.fromEntries(buttons);
  fill(filters, buttons.map(([, b]) => b));
  fill($("#wire"), h("header", {}, icon("sync"), h("h2", {}, "Wire"), filters, h("span", { class: "stretch" }), h("span", { class: "buttons" }, pause, save)), list);
  redraw();
}

export async function catchUp() {
  const answer = await fetch(`/api/wire?since=${last}`);
  if (answer.ok) wireLines(await answer.json());
}

export function wireLines(more) {
  const fresh = more.filter((line) => line.seq > last);
  if (!fresh.length) return;
  last = fresh[fresh.length - 1].seq;
  lines.push(...fresh);
  if (lines.length > KEPT) lines = lines.slice(-KEPT);
  if (!paused) append(fresh);
}

export function forgetWire() { lines = []; last = 0; redraw(); }

const wanted = (line) => chosen === "all" || line.device === chosen;

function redraw() {
  fill(list);
  append(lines.slice(-400));
}

function append(some) {
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  list.append(...some.filter(wanted).map((line) => h("div", { title: `${line.length} bytes` },
    h("span", {}, clock(line.at)),
    h("span", { class: `who ${line.device}` }, `${SHORT[line.device] || line.device} ${line.direction === "in" ? "→" : line.direction === "out" ? "←" : "·"}`),
    ...(line.hex ? [h("span", { class: "hex" }, line.hex), h("span", { class: "said" }, line.words)] : [h("span", { class: "wide" }, line.words)]))));
  while (list.childElementCount > 600) list.firstElementChild.remove();
  empty.remove();
  if (!list.childElementCount) list.append(empty);
  if (atEnd) list.scrollTop = list.scrollHeight;
}
