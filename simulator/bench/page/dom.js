// Small ground: make elements, call the bench, show what went wrong.

export const $ = (selector) => document.querySelector(selector);

let glyphs = {};

export async function loadIcons() {
  glyphs = await (await fetch("/fonts/icons.json")).json();
  for (const element of document.querySelectorAll("[data-icon]")) element.textContent = glyph(element.dataset.icon);
}

function glyph(name) {
  const code = glyphs[name];
  if (code === undefined) return "";
  return String.fromCodePoint(typeof code === "number" ? code : parseInt(String(code).replace(/^(U\+|0x)/i, ""), 16));
}

export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name in element && name !== "list") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
  return element;
}

export const icon = (name) => h("span", { class: "icon", "aria-hidden": "true" }, glyph(name));

export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
}

export function toast(words) {
  const box = h("div", { class: "toast" }, words);
  $("#toasts").append(box);
  setTimeout(() => box.remove(), 6000);
}

// Ask the bench; {ok, data} or {ok: false, words} with a sentence. Never throws.
export async function attempt(method, path, body) {
  const options = { method, headers: {} };
  if (body instanceof Blob) {
    options.body = body;
    options.headers["content-type"] = body.type || "application/octet-stream";
  } else if (method !== "GET") {
    options.body = JSON.stringify(body ?? {});
    options.headers["content-type"] = "application/json";
  }
  let answer, text;
  try {
    answer = await fetch(path, options);
    text = await answer.text();
  } catch {
    return { ok: false, words: "The bench does not answer. Is kiosk-sim still running?" };
  }
  let data = text;
  try { data = JSON.parse(text); } catch { /* plain text is an answer too */ }
  if (answer.ok) return { ok: true, data };
  const detail = data && data.detail;
  return { ok: false, words: typeof detail === "string" ? detail : Array.isArray(detail) ? detail.map((d) => d.msg).join("; ") : text.slice(0, 300) };
}

// The same for what belongs to no tile: the answer, or null after a message in the corner.
export async function call(method, path, body) {
  const answer = await attempt(method, path, body);
  if (!answer.ok) toast(answer.words);
  return answer.ok ? answer.data : null;
}

// A button. `look` is "", "primary", "fault"; `update({on, enabled})` fills a fault and presses a choice.
export function button(label, onclick, look = "", title = "") {
  const element = h("button", { type: "button", class: `button ${look}`, onclick, title });
  element.textContent = label;
  element.update = ({ on = false, enabled = true } = {}) => {
    element.classList.toggle(look === "fault" ? "armed" : "chosen", on);
    element.setAttribute("aria-pressed", String(on));
    element.disabled = !enabled;
  };
  return element;
}

export function view(...children) {
  fill($("#viewer-body"), ...children);
  $("#viewer").showModal();
}

export const yuan = (fen) => `${fen < 0 ? "−" : ""}${(Math.abs(fen) / 100).toFixed(2)}`;
export const clock = (seconds) => new Date(seconds * 1000).toTimeString().slice(0, 8) + "." + String(Math.floor((seconds % 1) * 1000)).padStart(3, "0");
