// The licence printer: the sheets in the output tray, the job under way, paper, toner, cover, current.

import { h, view } from "/page/dom.js";
import { drawer, panel, replaceIfNew, verbs } from "/page/panel.js";

const FAMILY = "licence-printer";
const OPERATIONS = ["Send-Document", "Create-Job", "Print-Job", "Get-Job-Attributes", "Get-Printer-Attributes", "Cancel-Job", "Get-Jobs"];
const SHEETS_SHOWN = 8;
const artefact = (name) => `/api/devices/${FAMILY}/artefacts/${name}`;
const has = (s, reason) => (s.reasons || []).some((one) => one.startsWith(reason));
const large = (name, words) => view(h("img", { src: artefact(name), alt: words }));

export function licence(known) {
  const p = panel("Licence printer", "print", FAMILY);
  const sheet = h("button", { type: "button", title: "Open the sheet large" });
  const facts = h("div", { class: "facts" });
  const tray = h("div", { class: "sheets", "aria-label": "Sheets in the output tray" });
  const dark = (s) => s.powered === false;
  const does = verbs(p, known, [
    { verb: "take", label: "Take the pages", enabled: (s) => s.output_pages > 0 },
    { verb: "load_paper", label: "Load paper", enabled: (s) => s.sheets < 250 },
  ]);
  const faults = verbs(p, known, [
    { verb: "jam", label: "jam", look: "fault", on: (s) => s.jammed, undo: "clear_jam" },
    { verb: "paper_out", label: "paper out", look: "fault", on: (s) => s.sheets === 0, undo: "load_paper" },
    { verb: "cover_open", label: "cover", look: "fault", on: (s) => s.cover_open, undo: "cover_close" },
    { verb: "toner_low", label: "toner 4 %", look: "fault", on: (s) => s.toner > 0 && s.toner < 5, undo: "new_toner" },
    { verb: "toner_out", label: "toner out", look: "fault", on: (s) => s.toner <= 0, undo: "new_toner" },
    { verb: "stop", label: "pause", look: "fault", on: (s) => has(s, "paused"), undo: "resume" },
    { verb: "power_cut", label: "power cut", look: "fault", always: true, on: dark, undo: "power_on", undoArgs: { keep: true } },
  ]);
  const next = (verb, label) => ({ verb, label, look: "fault", fields: [{ name: "operation", options: OPERATIONS }] });
  const all = drawer(p, known, [
    ["Current", [
      { verb: "power_cut", label: "power cut", look: "fault", enabled: (s) => !dark(s), always: true },
      { verb: "power_on", label: "power on, queue kept", args: { keep: true }, enabled: dark, always: true },
      { verb: "power_on", label: "power on, queue lost", args: { keep: false }, look: "fault", enabled: dark, always: true },
      { verb: "firmware", label: "other firmware", look: "fault", fields: [{ name: "version", label: "version", value: "1.1" }] },
      { verb: "restart", label: "off and on, queue kept", args: { keep: true }, look: "fault" },
      { verb: "restart", label: "off and on, queue lost", args: { keep: false }, look: "fault" },
    ]],
    ["Jobs", [
      { verb: "abort", label: "gives up the next job", look: "fault" }, { verb: "forget", label: "forgets every job", look: "fault" },
      { verb: "busy", label: "busy", look: "fault", fields: [{ name: "count", label: "answers", value: 1, min: 0, max: 1000, step: 1 }] },
      { verb: "slow", label: "slow pages", look: "fault", fields: [{ name: "seconds", label: "seconds a page, 0 ends it", value: 20, min: 0, max: 600 }] },
    ]],
    ["Next answer", [next("lose_answer", "answer lost"), next("lose_request", "request lost"), next("stall", "never answers")]],
    ["Hands", [
      { verb: "load_paper", label: "load", fields: [{ name: "sheets", value: 250, min: 1, max: 250, step: 1 }] },
      { verb: "clear_jam", label: "take the stuck sheet out" }, { verb: "cover_close", label: "close the cover" },
      { verb: "new_toner", label: "new toner" }, { verb: "resume", label: "resume" },
    ]],
  ]);
  p.root.append(h("div", { class: "sheet" }, sheet, facts), tray, h("div", { class: "buttons" }, does.elements), h("div", { class: "buttons push" }, faults.elements, all.open, p.plug));

  return {
    root: p.root,
    drawer: all.root,
    update(state) {
      p.power(dark(state) ? { ...state, plugged: true } : state);
      const stops = (state.reasons || []).filter((one) => one !== "none");
      p.say(dark(state) ? "no current" : !state.plugged ? "unplugged" : stops.length ? `${state.state}: ${stops.join(", ")}` : state.state === "processing" ? "printing" : state.state,
        dark(state) || !state.plugged || state.state === "stopped" ? "fault" : stops.length || state.state === "processing" ? "attention" : "ok");
      const job = state.last_job;
      const finished = job && job.state === "completed";
      replaceIfNew(sheet, [job && job.id, job && job.state, finished], () => (finished
        ? h("img", { src: `${artefact(`job-${job.id}.png`)}?${Date.now()}`, alt: "The last certificate" })
        : h("span", {}, job ? job.state : "no page yet")));
      sheet.disabled = !finished;
      sheet.onclick = () => large(`job-${job.id}.png`, "The certificate");
      replaceIfNew(facts, [job, state.queue, state.output_pages, state.sheets, state.toner, state.spoilt, state.pages_printed], () => [
        job && h("div", {}, `job ${job.id} `, h("b", {}, job.state)),
        job && h("div", {}, `${job.done} of ${job.pages} pages`),
        h("div", {}, state.output_pages ? h("b", {}, `${state.output_pages} to take`) : "output tray empty"),
        h("div", { class: "small" }, `${state.sheets} sheets · toner ${Math.round(state.toner)} %`),
        h("div", { class: "small" }, `${state.pages_printed} pages printed${state.spoilt ? `, ${state.spoilt} spoilt` : ""}`),
        (state.queue || []).length > 1 && h("div", { class: "small" }, `${state.queue.length} jobs wait`),
        finished && h("a", { class: "link", href: artefact(`job-${job.id}.pdf`), target: "_blank", rel: "noopener" }, "open the PDF"),
      ]);
      const out = state.tray || [];
      replaceIfNew(tray, out, () => [
        ...out.slice(-SHEETS_SHOWN).map((one) => h("button", { type: "button", "aria-label": `Open page ${one.page} of job ${one.job} large`, title: `job ${one.job}, page ${one.page}`, onclick: () => large(pageOf(one), `Page ${one.page} of job ${one.job}`) },
          h("img", { src: artefact(pageOf(one)), alt: "", loading: "lazy" }))),
        out.length > SHEETS_SHOWN && h("span", { class: "small" }, `and ${out.length - SHEETS_SHOWN} more below`)]);
      tray.hidden = out.length === 0;
      does.update(state);
      faults.update(state);
      all.update(state);
    },
  };
}

const pageOf = (one) => `job-${one.job}-${one.page}.png`;
