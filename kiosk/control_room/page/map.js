// The sketch of the city: districts to choose from, every terminal as a mark, the worst on top.

import { $, fill, shape, svg } from "/page/dom.js";
import { of, page, say } from "/page/words.js";

const SIZES = { ok: 0.42, closed: 0.8, unknown: 0.6, silent: 0.85, attention: 0.85, offline: 0.95, fault: 1.05 };
const UNDER_TO_TOP = ["ok", "closed", "unknown", "attention", "silent", "offline", "fault"];
let areas = new Map();
let marks = null;
let drawnFor = "";

export function drawMap(sketch, choose, go) {
  if (!sketch || drawnFor === page.language) return;
  drawnFor = page.language;
  areas = new Map();
  marks = svg("g", { "aria-hidden": "true" });
  const names = svg("g", { className: "names area" });
  const city = svg("svg", { className: "city", viewBox: `20 10 ${sketch.width} ${sketch.height - 30}`, role: "group" });
  for (const district of sketch.districts) {
    const area = svg("g", { className: "area", tabindex: 0, role: "button", "aria-pressed": "false" },
      svg("polygon", { points: district.corners.map((c) => c.join(",")).join(" ") }));
    area.addEventListener("click", () => choose(district.code));
    area.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      choose(district.code);
    });
    const [x, y] = district.label;
    const number = svg("text", { x, y: y + 21, className: "small" });
    names.append(svg("text", { x, y }, short(district)), number);
    areas.set(district.code, { area, number, district });
    city.append(area);
  }
  city.append(marks, names);
  marks.addEventListener("click", (event) => event.target.dataset.id && go(event.target.dataset.id));
  fill($("#map"), city);
}

// 威海火炬高技术产业开发区 is called 高区 by everybody.
const SHORT = {
  371071: ["高区", "Hi-Tech Zone"], 371072: ["经区", "Economic Zone"], 371073: ["临港区", "Lingang"],
  371002: ["环翠区", "Huancui"], 371003: ["文登区", "Wendeng"], 371082: ["荣成市", "Rongcheng"], 371083: ["乳山市", "Rushan"],
};
export const short = (district) => SHORT[district.code]?.[page.language === "zh" ? 0 : 1] ?? of(district);

export function drawMarks(rows, chosen, shown) {
  if (!marks) return;
  const by = new Map(UNDER_TO_TOP.map((condition) => [condition, []]));
  const sums = new Map();
  for (const row of rows) {
    const sum = sums.get(row.site) ?? { n: 0, bad: 0 };
    sum.n += 1;
    sum.bad += ["fault", "offline", "silent"].includes(row.condition) ? 1 : 0;
    sums.set(row.site, sum);
    if (row.x !== null) by.get(row.condition)?.push(row);
  }
  const made = [];
  for (const condition of UNDER_TO_TOP) {
    for (const row of by.get(condition)) {
      const faint = shown.has(row.id) ? "" : " faint";
      const edge = ["fault", "offline", "attention", "closed"].includes(condition) ? " edge" : "";
      const dot = shape(condition, { className: `dot${faint}${edge}`, transform: `translate(${row.x} ${row.y}) scale(${SIZES[condition]})` });
      dot.dataset.id = row.id;
      dot.append(svg("title", {}, `${row.id} · ${of(row, "hall")} · ${say(condition)}`));
      made.push(dot);
    }
  }
  marks.replaceChildren(...made);
  for (const [code, { area, number, district }] of areas) {
    const sum = sums.get(code) ?? { n: 0, bad: 0 };
    number.textContent = `${sum.n}`;
    area.setAttribute("aria-pressed", String(chosen === code));
    area.setAttribute("aria-label", say("areaSays", { name: of(district), n: sum.n, bad: sum.bad }));
  }
}
