// A device for which the bench has no drawing of its own: what it says, and a button for everything it can do.

import { h } from "/page/dom.js";
import { panel, verbs } from "/page/panel.js";

export const anything = (family) => (known) => {
  const p = panel(family, "build", family);
  const words = h("p", { class: "words" });
  const does = verbs(family, known, Object.keys(known).map((verb) => ({ verb, label: verb.replaceAll("_", " ") })));
  p.root.append(words, h("div", { class: "buttons push" }, does.elements, p.plug));
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
