// Small ground: elements of HTML and SVG, and a question to the server that never throws.

export const $ = (selector) => document.querySelector(selector);

function made(element, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name === "className" ? "class" : name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
  return element;
}

export const h = (tag, props = {}, ...children) => made(document.createElement(tag), props, children);
export const svg = (tag, props = {}, ...children) => made(document.createElementNS("http://www.w3.org/2000/svg", tag), props, children);

export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
}

// Each condition has a shape of its own, so that nobody needs the colours.
const SHAPES = {
  fault: "M0 -6 L6 0 L0 6 L-6 0 Z", attention: "M0 -5.6 L5.8 4.8 L-5.8 4.8 Z", closed: "M-5 -2 H5 V2 H-5 Z",
  offline: "M-5 -3 L-3 -5 L0 -2 L3 -5 L5 -3 L2 0 L5 3 L3 5 L0 2 L-3 5 L-5 3 L-2 0 Z",
};

export function shape(condition, props = {}) {
  const path = SHAPES[condition];
  const hollow = condition === "silent" || condition === "unknown" ? " hollow" : "";
  const className = `${props.className ?? ""} c-${condition}${hollow}`;
  return path ? svg("path", { ...props, d: path, className }) : svg("circle", { ...props, r: props.r ?? 4.6, className });
}

export const mark = (condition) => svg("svg", { className: `mark c-${condition}`, viewBox: "-7 -7 14 14", "aria-hidden": "true" }, shape(condition));

export async function ask(path) {
  try {
    const answer = await fetch(path, { signal: AbortSignal.timeout(15000) });
    return { status: answer.status, data: answer.ok ? await answer.json() : null };
  } catch {
    return { status: 0, data: null };
  }
}
