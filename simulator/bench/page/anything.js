// A device for which the bench has no drawing of its own: what it says, and a button for everything it can do.

import { h } from "/page/dom.js";
import { pairs, panel, verbs } from "/page/panel.js";

export const anything = (family) => (known) => {
  const p = panel(family.replaceAll("-", " ").replace(/^./, (c) => c.toUpperCase()), "build", family);
  p.root.classList.add("wide");
  const words = h("p", { class: "words small" });
  const args = h("input", { class: "input text", placeholder: "name=value, name=value", title: "Arguments of the next act", "aria-label": `${p.title}: arguments` });
  const values = () => pairs(args.value);
  const does = verbs(p, known, Object.keys(known).map((verb) => ({ verb, label: verb.replaceAll("_", " "), values })));
  p.root.append(words, h("div", { class: "buttons" }, does.elements), h("div", { class: "buttons push" }, args, p.plug));
  return {
    root: p.root,
    update(state) {
      p.power(state);
      p.say(state.plugged ? "plugged" : "unplugged", state.plugged ? "ok" : "fault");
      words.textContent = state.words;
      does.update(state);
    },
  };
};
