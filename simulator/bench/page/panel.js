// The frame that every thing on the bench stands in: icon, name, badge, plug, and a line that says what a control did;
// and controls made from rows.

import { attempt, button, fill, h, icon } from "/page/dom.js";

export function panel(title, iconName, family = "") {
  const badge = h("span", { class: "badge" });
  const did = h("p", { class: "did", role: "status", "aria-live": "polite" });
  const root = h("section", { class: "panel", "aria-label": title }, h("header", {}, icon(iconName), h("h2", {}, title), badge), did);
  let plugged = true;
  const said = (line, label, answer) => {
    const words = answer.ok ? `${label}: done` : `${label}: ${answer.words}`;
    fill(line, h("span", { class: "at" }, new Date().toTimeString().slice(0, 8)), words);
    line.title = words;
    line.classList.toggle("bad", !answer.ok);
  };
  const p = {
    root, family, title, did,
    unknown: [],
    covered: new Set(),
    say(words, tone) { badge.textContent = words; badge.title = words; badge.className = `badge ${tone || ""}`; },
    // Do it and say in `line` (the tile's own by default) what came of it; answers the reply, null when it was refused.
    async perform(label, path, body, line = did) {
      const answer = await attempt("POST", path, body);
      said(line, label, answer);
      return answer.ok ? answer.data : null;
    },
    // Say in the tile what came of something that was done elsewhere.
    told(label, answer) { said(did, label, answer); },
    power(state) {
      plugged = state.plugged !== false;
      root.classList.toggle("out", !plugged);
      if (p.plug) { p.plug.parentElement?.classList.add("keep"); p.plug.textContent = plugged ? "unplug" : "plug in"; p.plug.update({ on: !plugged, enabled: !state.missing }); }
    },
  };
  p.plug = family && button("unplug", () => p.perform(plugged ? "unplug" : "plug in", `/api/devices/${family}/${plugged ? "unplug" : "plug"}`), "fault", "Pull the plug or put it in");
  return p;
}

// Controls for `rows` of {verb, label, look, args, on(state), enabled(state), fields} that the device really has.
// A row that is on is ended by `undo` (another verb) or `off` (arguments of the same verb) with the next click.
// `values()`: arguments from elsewhere on the tile. `fields`: [{name, label, value, min, max, step} or {name, label, options: [value or [value, words]]}].
// Rows with `path` instead of `verb` post there; `body(values)` makes what is sent.
export function verbs(p, known, rows, line = p.did) {
  let last = {};
  p.unknown.push(...rows.flatMap((row) => [row.verb, row.undo]).filter((verb) => verb && !(verb in known)));
  for (const verb of rows.flatMap((row) => [row.verb, row.undo])) if (verb) p.covered.add(verb);
  p.root.dataset.unknown = p.unknown.join(" ");
  const made = rows.filter((row) => row.path || row.verb in known).map((row) => {
    const inputs = (row.fields || []).map((field) => [field, input(field, row.label)]);
    const given = () => ({
      ...(row.values ? row.values() : {}),
      ...Object.fromEntries(inputs.map(([field, element]) => [field.name, read(field, element)]).filter(([, value]) => value !== "")),
    });
    const press = button(row.label, () => {
      const ends = row.on && row.on(last);
      if (row.path) return p.perform(row.label, row.path, row.body(given(), last), line);
      if (ends && row.undo && row.undo in known) return p.perform(`${row.label} ended`, `/api/devices/${p.family}/${row.undo}`, row.undoArgs, line);
      if (ends && row.off) return p.perform(`${row.label} ended`, `/api/devices/${p.family}/${row.verb}`, row.off, line);
      return p.perform(row.label, `/api/devices/${p.family}/${row.verb}`, { ...row.args, ...given() }, line);
    }, row.look || "", `${row.words || known[row.verb] || ""}${row.undo || row.off ? " (click again to end it)" : ""}`);
    if (row.verb) Object.assign(press.dataset, { family: p.family, verb: row.verb, undo: row.undo || "" });
    if (row.knob) press.dataset.knob = row.knob;
    if (row.plan) press.dataset.plan = row.plan;
    const element = inputs.length ? h("span", { class: "with" }, press, inputs.flatMap(([field, one]) => (typeof field.value === "number" ? [one, h("span", { class: "unit" }, (field.label || field.name).split(",")[0])] : [one]))) : press;
    return { row, press, element };
  });
  return {
    elements: made.map((m) => m.element),
    update(state) {
      last = state;
      for (const { row, press } of made) {
        const on = Boolean(row.on && row.on(state));
        press.update({ on, enabled: row.path || row.always ? !row.enabled || Boolean(row.enabled(state)) : state.plugged !== false && (row.enabled ? Boolean(row.enabled(state)) : true) });
      }
    },
  };
}

function input(field, of) {
  const name = `${of}: ${field.label || field.name}`;
  if (field.options) {
    return h("select", { class: "input", "aria-label": name, title: name }, field.options.map((option) => {
      const [value, words] = Array.isArray(option) ? option : [option, option];
      return h("option", { value, selected: value === field.value }, String(words));
    }));
  }
  const number = typeof field.value === "number";
  return h("input", { class: `input ${number ? "number" : "text"}`, type: number ? "number" : "text", value: String(field.value ?? ""), min: field.min, max: field.max, step: field.step ?? (number ? "any" : null), "aria-label": name, title: name, placeholder: field.label || field.name });
}

function read(field, element) {
  if (field.options) return element.value;
  return typeof field.value === "number" && element.value !== "" ? Number(element.value) : element.value;
}

// Everything else that a tile can do, in groups under it: a button that opens a second panel over the whole width.
export function drawer(p, known, groups, label = "all controls", id = `drawer-${p.family || p.title.toLowerCase().replace(/[^a-z]+/g, "-")}`) {
  const line = h("p", { class: "did", role: "status", "aria-live": "polite" });
  const close = button("Close", () => show(false));
  const sets = [...groups, ...rest(p, known, groups)].map(([heading, rows, extra]) => [heading, verbs(p, known, rows, line), extra]).filter(([, set]) => set.elements.length);
  const root = h("section", { class: "panel drawer", id, hidden: true, "aria-label": `${p.title}: ${label}` },
    h("header", {}, h("h2", {}, `${p.title}: ${label}`), line, h("span", { class: "stretch" }), close),
    h("div", { class: "groups" }, sets.map(([heading, set, extra]) => h("div", { class: "group" }, h("h3", {}, heading), h("div", { class: "buttons" }, set.elements, extra)))));
  const open = button(`${label} …`, () => show(root.hidden), "more", `Open ${label} of ${p.title}`);
  open.setAttribute("aria-controls", id);
  function show(visible) {
    root.hidden = !visible;
    open.setAttribute("aria-expanded", String(visible));
    open.classList.toggle("chosen", visible);
    if (visible) root.scrollIntoView({ block: "nearest" }); else open.focus();
  }
  root.addEventListener("keydown", (event) => { if (event.key === "Escape") show(false); });
  open.setAttribute("aria-expanded", "false");
  return { open, root, body: root.lastChild, update(state) { for (const [, set] of sets) set.update(state); } };
}

// What the device learned since the tile was drawn: every verb without a control of its own, with its arguments as text.
function rest(p, known, groups) {
  const named = new Set([...p.covered, ...groups.flatMap(([, rows]) => rows.flatMap((row) => [row.verb, row.undo]))]);
  const others = p.family ? Object.keys(known).filter((verb) => !named.has(verb)) : [];
  if (!others.length) return [];
  const args = h("input", { class: "input text", placeholder: "name=value, name=value", title: "Arguments of the next act of this group", "aria-label": `${p.title}: arguments` });
  return [["More", others.map((verb) => ({ verb, label: verb.replaceAll("_", " "), values: () => pairs(args.value) })), args]];
}

// `a=1, b=x` as {a: 1, b: "x"}.
export const pairs = (text) => Object.fromEntries(text.split(",").map((part) => part.split("=").map((one) => one.trim())).filter(([name, value]) => name && value)
  .map(([name, value]) => [name, Number.isNaN(Number(value)) ? value : Number(value)]));

export function replaceIfNew(element, key, make) {
  const mark = JSON.stringify(key);
  if (element.dataset.mark === mark) return;
  element.dataset.mark = mark;
  fill(element, make());
}

export const table = (lines, heads) => h("table", { class: "ledger" },
  heads && h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))),
  h("tbody", {}, lines.map((cells) => h("tr", {}, cells.map((cell) => h("td", { title: String(cell ?? "") }, String(cell ?? "")))))));

export const armed = (state, fault) => (state.faults || []).some((one) => one === fault || one.startsWith(`${fault} `));

/** What a camera sees, in `picture`, every `everyMs`, while somebody looks and it is plugged in. Gives a look at once. */
export function seen(root, picture, family, everyMs) {
  let busy = false;
  function look() {
    if (busy || document.hidden || root.classList.contains("out")) return;
    busy = true;
    const next = new Image();
    next.onload = () => { picture.src = next.src; busy = false; };
    next.onerror = () => { busy = false; };
    next.src = `/api/devices/${family}/artefacts/now.jpg?${Date.now()}`;
  }
  setInterval(look, everyMs);
  return look;
}
