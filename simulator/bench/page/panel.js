// The frame that every thing on the bench stands in: icon, name, badge, plug; and buttons made from verbs.

import { act, button, call, fill, h, icon } from "/page/dom.js";

export function panel(title, iconName, family = "") {
  const badge = h("span", { class: "badge" });
  const root = h("section", { class: "panel", "aria-label": title }, h("header", {}, icon(iconName), h("h2", {}, title), badge));
  let plugged = true;
  const plug = family && button("unplug", () => call("POST", `/api/devices/${family}/${plugged ? "unplug" : "plug"}`), "fault", "Pull the plug or put it in");
  return {
    root,
    plug,
    say(words, tone) { badge.textContent = words; badge.title = words; badge.className = `badge ${tone || ""}`; },
    power(state) {
      plugged = state.plugged !== false;
      root.classList.toggle("out", !plugged);
      if (plug) { plug.parentElement?.classList.add("keep"); plug.textContent = plugged ? "unplug" : "plug in"; plug.update({ on: !plugged, enabled: !state.missing }); }
    },
  };
}

// Buttons for `rows` of {verb, label, look, args, on(state), enabled(state), undo} that the device really has.
// A row with `undo` is a switch: while it is on, a click does `undo` instead.
export function verbs(family, known, rows) {
  let last = {};
  const made = rows.filter((row) => row.verb in known).map((row) => ({
    row,
    element: button(row.label, () => {
      const back = row.undo && row.undo in known && row.on(last);
      act(family, back ? row.undo : row.verb, back ? row.undoArgs : row.args);
    }, row.look || "", known[row.verb] + (row.undo ? " (click again to put it right)" : "")),
  }));
  return {
    elements: made.map((m) => m.element),
    update(state) {
      last = state;
      for (const { row, element } of made) {
        const on = Boolean(row.on && row.on(state));
        element.update({ on, enabled: state.plugged !== false && (row.enabled ? Boolean(row.enabled(state)) : true) });
      }
    },
  };
}

export function replaceIfNew(element, key, make) {
  const mark = JSON.stringify(key);
  if (element.dataset.mark === mark) return;
  element.dataset.mark = mark;
  fill(element, make());
}
