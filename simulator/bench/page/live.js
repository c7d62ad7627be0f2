// The live screen: rectangles from the mirror onto a canvas, touches back to the terminal.

import { $, button, call, fill, h, view } from "/page/dom.js";

const HEADER = 13; // ">IHHHHB": seq, x, y, width, height, format (0 JPEG, 1 PNG)
const canvas = $("#screen");
const pen = canvas.getContext("2d", { alpha: false });
let socket = null;
let painting = Promise.resolve();
let page = null;
let received = 0;
let terminal = null;
let here = false;
const SHOT = `page-${Math.random().toString(36).slice(2)}`; // other pages ask for pictures too
// Keys while the glass has the focus -> keys of the keypad under it.
const KEYS = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right", Enter: "ok", Backspace: "back", Home: "home", F1: "help", r: "repeat", "+": "louder", "-": "softer", v: "voice" };

export function startLive() {
  socket = new WebSocket(`ws://${location.host}/live`);
  socket.binaryType = "arraybuffer";
  socket.onmessage = (event) => (typeof event.data === "string" ? said(JSON.parse(event.data)) : rectangle(event.data));
  socket.onclose = () => { show(false); setTimeout(startLive, 1000); };
}

function send(message) {
  if (socket && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

function said(message) {
  if (message.type === "gone") show(false);
  if (message.type === "here") show(true);
  if (message.type === "screen") { page = message; size(message.panel); received = performance.now(); show(true); caption(); }
  if (message.type === "shot" && message.png && message.id === SHOT) {
    h("a", { href: `data:image/png;base64,${message.png}`, download: `screen-${page ? page.page : "page"}.png` }).click();
  }
}

function size(panel) {
  if (!panel || (canvas.width === panel[0] && canvas.height === panel[1])) return;
  [canvas.width, canvas.height] = panel;
  canvas.parentElement.style.aspectRatio = `${panel[0]} / ${panel[1]}`;
  send({ type: "refresh" });
}

function rectangle(buffer) {
  const head = new DataView(buffer);
  if (buffer.byteLength <= HEADER) return;
  const [seq, x, y] = [head.getUint32(0), head.getUint16(4), head.getUint16(6)];
  const blob = new Blob([buffer.slice(HEADER)], { type: head.getUint8(12) ? "image/png" : "image/jpeg" });
  const picture = createImageBitmap(blob);
  painting = painting.then(async () => {
    try { pen.drawImage(await picture, x, y); show(true); } finally { send({ type: "ack", seq }); }
  }).catch(() => send({ type: "refresh" }));
}

function show(present) {
  here = present;
  canvas.classList.toggle("still", !present);
  $("#gone").hidden = present;
  if (!present) $("#gone-words").textContent = terminal && !terminal.running
    ? `The terminal is not running: ${terminal.words}` : "Waiting for the terminal's screen";
}

export function terminalState(process) {
  terminal = process;
  fill($("#gone-buttons"), process && !process.running && [
    button("Start the terminal", () => call("POST", "/api/processes/terminal/start"), "primary"),
    button("Last lines it wrote", async () => view(h("pre", {}, await call("GET", "/api/processes/terminal/log") || "nothing"))),
  ]);
  if (!here) show(false);
}

function caption() {
  if (!page) return;
  const left = page.countdown_s === null || page.countdown_s === undefined ? null
    : Math.max(0, Math.round(page.countdown_s - (performance.now() - received) / 1000));
  fill($("#page"),
    "page ", h("b", {}, page.page), ` · ${page.language} · ${page.mode}`, left === null ? "" : ` · ${left} s`,
    h("button", { class: "link", type: "button", onclick: () => view(h("pre", {}, `${page.text}\n\nspoken: ${page.prompt}`)) }, "as text"),
    h("button", { class: "link", style: "margin-left:0", type: "button", onclick: () => send({ type: "shot", id: SHOT }) }, "save"),
  );
}
setInterval(caption, 1000);

function at(event) {
  const box = canvas.getBoundingClientRect();
  const clamp = (value, top) => Math.max(0, Math.min(top - 1, Math.round(value)));
  return {
    x: clamp((event.clientX - box.left) / box.width * canvas.width, canvas.width),
    y: clamp((event.clientY - box.top) / box.height * canvas.height, canvas.height),
  };
}

let down = false;
let lastMove = 0;
canvas.addEventListener("pointerdown", (event) => {
  down = true;
  canvas.setPointerCapture(event.pointerId);
  send({ type: "touch", ...at(event), phase: "down" });
});
canvas.addEventListener("pointermove", (event) => {
  if (!down || event.timeStamp - lastMove < 30) return;
  lastMove = event.timeStamp;
  send({ type: "touch", ...at(event), phase: "move" });
});
for (const end of ["pointerup", "pointercancel"]) {
  canvas.addEventListener(end, (event) => {
    if (!down) return;
    down = false;
    send({ type: "touch", ...at(event), phase: "up" });
  });
}
canvas.addEventListener("contextmenu", (event) => event.preventDefault());
canvas.addEventListener("keydown", (event) => {
  const key = /^[0-9]$/.test(event.key) ? event.key : KEYS[event.key];
  if (!key || event.ctrlKey || event.altKey || event.metaKey) return; // Tab and the browser's own keys stay the browser's
  event.preventDefault();
  send({ type: "key", key });
});
