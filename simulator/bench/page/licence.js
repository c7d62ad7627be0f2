// The licence printer: the sheet that came out, the job under way, tray, toner and cover.

import { h, icon, view } from "/page/dom.js";
import { panel, replaceIfNew, verbs } from "/page/panel.js";

const FAMILY = "licence-printer";
const artefact = (name) => `/api/devices/${FAMILY}/artefacts/${name}`;
const has = (s, reason) => (s.reasons || []).some((one) => one.startsWith(reason));

export function licence(known) {
  const p = panel("Licence printer", "print", FAMILY);
  const sheet = h("button", { type: "button", title: "Open the PDF", onclick: () => window.open(artefact("last.pdf"), "_blank", "noopener") });
  const facts = h("div", { class: "facts" });
  const does = verbs(FAMILY, known, [
    { verb: "take", label: "Take the pages", enabled: (s) => s.output_pages > 0 },
    { verb: "load_paper", label: "Load paper", enabled: (s) => s.sheets < 250 },
  ]);
  const faults = verbs(FAMILY, known, [
    { verb: "jam", label: "jam", look: "fault", on: (s) => s.jammed, undo: "clear_jam" },
    { verb: "paper_out", label: "paper out", look: "fault", on: (s) => s.sheets === 0, undo: "load_paper" },
    { verb: "cover_open", label: "cover", look: "fault", on: (s) => s.cover_open, undo: "cover_close" },
    { verb: "toner_low", label: "toner 4 %", look: "fault", on: (s) => s.toner > 0 && s.toner < 5, undo: "new_toner" },
    { verb: "toner_out", label: "toner out", look: "fault", on: (s) => s.toner <= 0, undo: "new_toner" },
    { verb: "stop", label: "stop", look: "fault", on: (s) => has(s, "paused"), undo: "resume" },
    { verb: "restart", label: "power-cycle", look: "fault" },
    { verb: "lose_answer", label: "lose answer", look: "fault" },
  ]);
  p.root.append(h("div", { class: "sheet" }, sheet, facts), h("div", { class: "buttons" }, does.elements), h("div", { class: "buttons push" }, faults.elements, p.plug));

  return {
    root: p.root,
    update(state) {
      p.power(state);
      const stops = (state.reasons || []).filter((one) => one !== "none");
      p.say(!state.plugged ? "unplugged" : stops.length ? `${state.state}: ${stops.join(", ")}` : state.state === "processing" ? "printing" : state.state,
        !state.plugged || state.state === "stopped" ? "fault" : stops.length || state.state === "processing" ? "attention" : "ok");
      const job = state.last_job;
      const finished = job && job.state === "completed";
      replaceIfNew(sheet, [job && job.id, finished], () => (finished
        ? h("img", { src: `${artefact(`job-${job.id}.png`)}?${Date.now()}`, alt: "The last certificate" })
        : h("span", {}, job ? job.state : "no page yet")));
      sheet.disabled = !finished;
      replaceIfNew(facts, [job, state.output_pages, state.sheets, state.toner, state.words], () => [
        job && h("div", {}, `job ${job.id} `, h("b", {}, job.state)),
        job && h("div", {}, `${job.done} of ${job.pages} pages`),
        h("div", {}, state.output_pages ? h("b", {}, `${state.output_pages} to take`) : "output tray empty"),
        h("div", { class: "small" }, `${state.sheets} sheets · toner ${Math.round(state.toner)} %`),
        h("div", { class: "small" }, `${state.pages_printed} pages printed`),
        finished && h("button", { type: "button", class: "link", onclick: () => view(h("img", { src: artefact(`job-${job.id}.png`), alt: "The certificate" })) }, "enlarge"),
      ]);
      does.update(state);
      faults.update(state);
    },
  };
}
