// A card of one's own: what stands on it, and whose face it has.

import { attempt, button, fill, h } from "/page/dom.js";

const field = (label, input) => h("label", { class: "field" }, h("span", {}, label), input);

export function ownCard(citizens, made) {
  const name = h("input", { class: "input", value: "欧阳翠花", maxLength: 15, required: true });
  const sex = h("select", { class: "input" }, h("option", { value: "2" }, "女"), h("option", { value: "1" }, "男"));
  const birth = h("input", { class: "input", type: "date", value: "1990-05-01", required: true });
  const from = h("input", { class: "input", type: "date", value: "2020-05-01", required: true });
  const to = h("input", { class: "input", type: "date", value: "2040-05-01" });
  const face = h("img", { alt: "The face on the card" });
  const like = h("select", { class: "input" }, citizens.filter((c) => !c.own).map((c) => h("option", { value: c.key }, c.name)));
  const show = () => { face.src = `/api/citizens/${like.value}/face`; };
  like.value = "citizen-11";
  like.addEventListener("change", show);
  const wrong = h("p", { class: "did bad", role: "alert" });
  const form = h("form", { method: "dialog", class: "card-form" },
    h("h2", {}, "A card of your own"), h("p", { class: "small" }, "The number is made from the rest, with a right check digit. The city knows this person as soon as the card is laid down."),
    h("div", { class: "card-face" }, face, h("div", { class: "fields" }, field("Name", name), field("Sex", sex), field("Born", birth), field("Valid from", from), field("Valid to (empty: 长期)", to), field("Face of", like))),
    wrong, h("div", { class: "buttons" }, h("button", { class: "button primary", type: "submit" }, "Put it into the tray"), button("Not now", () => dialog.close())));
  const dialog = h("dialog", { class: "own", "aria-label": "A card of your own" }, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = await attempt("POST", "/api/cards", { name: name.value, sex: sex.value, birth: birth.value, valid_from: from.value, ...(to.value ? { valid_to: to.value } : {}), like: like.value });
    fill(wrong, answer.ok ? "" : answer.words);
    if (!answer.ok) return;
    dialog.close();
    made(answer.data);
  });
  document.body.append(dialog);
  show();
  return () => { fill(wrong); dialog.showModal(); name.select(); };
}
