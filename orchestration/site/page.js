// Draws what the filters choose from the figures in the page. No library, no request, no style attribute: the page's
// content security policy allows this script and its style sheet by their hashes and nothing else.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("figures").textContent);
  const filters = document.getElementById("filters");
  const text = (index) => data.strings[index];
  const year = (day) => new Date(day * 864e5).getUTCFullYear();
  const midyear = (y) => Date.UTC(y, 6, 2) / 864e5;

  // Small makers -------------------------------------------------------------------------------------------------
  function make(tag, attributes = {}, ...children) {
    const space = "http://www.w3.org/" + (SVG.has(tag) ? "2000/svg" : "1999/xhtml");
    const element = document.createElementNS(space, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }
  const SVG = new Set(["svg", "g", "line", "path", "circle", "rect", "text", "title"]);

  function number(value) {
    if (value === null || value === undefined) return "–";
    const size = Math.abs(value);
    if (size === 0) return "0";
    const digits = size < 100 ? Math.max(0, 2 - Math.floor(Math.log10(size))) : 0;
    const fixed = Math.abs(value).toFixed(Math.min(digits, 20));
    const short = fixed.includes(".") ? fixed.replace(/\.?0+$/, "") : fixed;
    const [whole, part] = short.split(".");
    return (value < 0 ? "−" : "") + whole.replace(/\B(?=(\d{3})+$)/g, "\u00a0") + (part ? "." + part : "");
  }

  function ticks(low, high, wanted) {
    if (low === high) return ticks(low - (Math.abs(low) || 1) / 10, high + (Math.abs(high) || 1) / 10, wanted);
    const rough = (high - low) / wanted;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
    const found = [];
    for (let i = Math.floor(low / step); i * step < high + step; i += 1) found.push(Number((i * step).toPrecision(12)));
    return found;
  }

  // Rows ---------------------------------------------------------------------------------------------------------
  const figure = ([start, synthetic, source, panel, series, label, value, low, high, n, note, length]) => ({
    start, end: start + length, day: start + length / 2, synthetic: synthetic === 1, source: text(source), panel: text(panel), series: text(series), label: text(label),
    value, low, high, n, note: text(note),
  });
  const bounds = (r) => (r.low === null && r.high === null ? "" : ` (${number(r.low)} to ${number(r.high)})`);
  const said = (r) =>
    `${r.series}, ${r.label}: ${number(r.value)}${bounds(r)}${r.n === null ? "" : `, n = ${number(r.n)}`}` +
    `${r.synthetic ? ", made up" : ""}${r.note ? `, ${r.note}` : ""}`;
  const groups = (rows, key) => Map.groupBy ? Map.groupBy(rows, key) : rows.reduce((found, row) => {
    found.set(key(row), [...(found.get(key(row)) || []), row]);
    return found;
  }, new Map());
  const parts = (source) => source.split("+").map((s) => data.sources[s] || s);
  function publisher(source) { // of the figures themselves, not of the rates that converted them
    const own = source.split("+").filter((s) => !data.rates.includes(s));
    return parts((own.length ? own : [source])[0])[0];
  }

  // Charts: each takes rows of one panel and gives an svg ----------------------------------------------------------
  function canvas(width, height, rows, panel) {
    const ends = [...groups(rows, (r) => r.series).values()].map((found) => {
      const [first, last] = [found[0], found[found.length - 1]];
      return said(first) + (first === last ? "" : ` … ${last.label}: ${number(last.value)}${bounds(last)}`);
    });
    return make("svg", {
      viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": `${panel}. ${ends.join(". ")}. All figures are in the table below.`,
    });
  }

  function mark(row, colour, x, y, across) {
    const group = make("g", { class: `mark ${colour}${row.synthetic ? " made-up" : ""}` }, make("title", {}, said(row)));
    if (across) group.append(make("path", { class: "range", d: across }));
    group.append(make("circle", { cx: x, cy: y, r: 4 }));
    return group;
  }

  function overTime(rows, width, colours, breaks) {
    const height = 230, bottom = 26, top = 12, right = 14;
    const values = rows.flatMap((r) => [r.value, r.low, r.high]).filter((v) => v !== null);
    const highest = Math.max(...values), lowest = Math.min(...values);
    const marksY = ticks(lowest > 0.55 * highest ? lowest - (highest - lowest) * 0.2 : Math.min(0, lowest), highest, 4);
    const left = 10 + 7 * Math.max(...marksY.map((t) => number(t).length));
    const days = rows.map((r) => r.day);
    const from = Math.min(...days) - 120, to = Math.max(...days) + 120;
    const x = (day) => left + ((day - from) / (to - from)) * (width - left - right);
    const y = (v) => height - bottom - ((v - marksY[0]) / (marksY[marksY.length - 1] - marksY[0])) * (height - bottom - top);
    const svg = canvas(width, height, rows, rows[0].panel);
    for (const tick of marksY) {
      svg.append(
        make("line", { class: tick === 0 ? "base" : "grid", x1: left, x2: width - right, y1: y(tick), y2: y(tick) }),
        make("text", { class: "tick end", x: left - 6, y: y(tick) + 4 }, number(tick)),
      );
    }
    const [first, last] = [year(from + 119), year(to - 119)];
    const every = Math.ceil((last - first + 1) / Math.max(1, Math.floor((width - left - right) / 46)));
    for (let at = last; at >= first; at -= every) {
      const place = Math.min(Math.max(x(midyear(at)), left + 12), width - right - 12);
      svg.append(make("text", { class: "tick middle", x: place, y: height - 6 }, String(at)));
    }
    for (const [day] of breaks.filter(([d]) => d > from && d < to)) {
      svg.append(make("line", { class: "break", x1: x(day), x2: x(day), y1: top, y2: height - bottom }));
    }
    let shift = 0;
    for (const [name, found] of groups(rows, (r) => r.series + r.source)) {
      const colour = colours.get(name), dx = shift;
      shift = shift > 0 ? -shift : -shift + 5; // intervals of several series stand beside, not over, each other
      found.sort((a, b) => a.day - b.day);
      const cut = (before, r) => breaks.some(([day]) => before.start < day && day <= r.end); // as titles and marts judge it
      const runs = [];
      found.forEach((r, i) => (i === 0 || cut(found[i - 1], r) ? runs.push([r]) : runs[runs.length - 1].push(r)));
      for (const run of runs) {
        const d = "M" + run.map((r) => `${x(r.day) + dx} ${y(r.value)}`).join("L");
        svg.append(make("path", { class: `line ${colour}${run[0].synthetic ? " made-up" : ""}`, d }));
      }
      for (const r of found) {
        const across = r.low !== null && r.high !== null ? `M${x(r.day) + dx} ${y(r.low)}V${y(r.high)}` : "";
        svg.append(mark(r, colour, x(r.day) + dx, y(r.value), across));
      }
    }
    return svg;
  }

  function byCategory(rows, width, colours, breaks, log) {
    const found = groups(rows, (r) => r.label);
    const left = Math.min(0.42 * width, 14 + 6.8 * Math.max(...[...found.keys()].map((l) => l.length)));
    const right = 64, top = 6;
    const values = rows.flatMap((r) => [r.value, r.low, r.high]).filter((v) => v !== null && (!log || v > 0));
    const lowest = Math.min(...values), highest = Math.max(...values);
    const tight = !log && lowest > 0.55 * highest;
    const marks = log ? [] : ticks(tight ? lowest : Math.min(0, lowest), Math.max(0, highest), 4);
    if (log) for (let p = Math.floor(Math.log10(lowest)); p <= Math.max(Math.ceil(Math.log10(highest)), Math.floor(Math.log10(lowest)) + 1); p += 1) marks.push(10 ** p);
    const scale = log ? Math.log10 : (v) => v;
    const [from, to] = [scale(marks[0]), scale(marks[marks.length - 1])];
    const x = (v) => left + ((scale(v) - from) / (to - from)) * (width - left - right);
    const step = 16, gap = 12;
    const height = top + [...found.values()].reduce((sum, f) => sum + f.length * step + gap, 0) + 24;
    const svg = canvas(width, height, rows, rows[0].panel);
    for (const tick of marks) {
      svg.append(
        make("line", { class: tick === 0 ? "base" : "grid", x1: x(tick), x2: x(tick), y1: top, y2: height - 22 }),
        make("text", { class: "tick middle", x: x(tick), y: height - 6 }, number(tick)),
      );
    }
    let at = top;
    for (const [label, items] of found) {
      at += gap / 2;
      const short = label.length * 6.8 > left ? label.slice(0, Math.floor(left / 6.8) - 1) + "…" : label;
      svg.append(make("text", { class: "label end", x: left - 10, y: at + (items.length * step) / 2 + 4 }, short));
      for (const r of items) {
        const y = at + step / 2;
        const low = r.low ?? r.value, high = r.high ?? r.value;
        svg.append(mark(r, colours.get(r.series + r.source), x(r.value), y, `M${x(low)} ${y}H${x(high)}`));
        const open = r.note.startsWith("bounded from below") ? "over " : "";
        svg.append(make("text", { class: "value", x: x(Math.max(high, r.value)) + 9, y: y + 4 }, open + number(r.value)));
        at += step;
      }
      at += gap / 2;
    }
    return svg;
  }

  function split(rows, width, colours) {
    const periods = groups(rows, (r) => r.label);
    const left = Math.min(0.4 * width, 140), right = 52, step = 20;
    const values = rows.map((r) => r.value);
    const marks = ticks(Math.min(0, ...values), Math.max(0, ...values), 4);
    const x = (v) => left + ((v - marks[0]) / (marks[marks.length - 1] - marks[0])) * (width - left - right);
    const height = rows.length * step + periods.size * 30 + 24;
    const svg = canvas(width, height, rows, rows[0].panel);
    for (const tick of marks) {
      svg.append(
        make("line", { class: tick === 0 ? "base" : "grid", x1: x(tick), x2: x(tick), y1: 4, y2: height - 22 }),
        make("text", { class: "tick middle", x: x(tick), y: height - 6 }, number(tick)),
      );
    }
    let at = 0;
    for (const [label, items] of periods) {
      svg.append(make("text", { class: "label strong", x: 0, y: at + 19 }, label));
      at += 26;
      for (const r of items) {
        const [start, end] = [x(Math.min(0, r.value)), x(Math.max(0, r.value))];
        svg.append(
          make("text", { class: "label end", x: left - 10, y: at + 13 }, r.series),
          make("g", { class: `bar ${colours.get(r.series + r.source)}${r.synthetic ? " made-up" : ""}` }, make("title", {}, said(r)),
            make("rect", { x: start, y: at + 2, width: Math.max(1, end - start), height: step - 6 })),
          make("text", { class: "value", x: end + 6, y: at + 13 }, (r.value > 0 ? "+" : "") + number(r.value)),
        );
        at += step;
      }
      at += 4;
    }
    return svg;
  }

  // Tables -------------------------------------------------------------------------------------------------------
  const ARROWS = { up: "↑ up", down: "↓ down", flat: "→ flat", unknown: "·" };
  function cell(value) {
    if (typeof value === "number") return make("td", { class: "number" }, number(value));
    return make("td", ARROWS[value] ? { class: value } : {}, ARROWS[value] || String(value ?? ""));
  }
  const source = (r) => text(r[2]) + (r[1] === 1 ? " (made up)" : "");
  function cells(section, row) {
    if (section.chart === "table") return [...row.slice(3), source(row)];
    const r = figure(row);
    return [r.panel, r.series, r.label, r.value, r.low, r.high, r.n, source(row), r.note];
  }

  // The page -----------------------------------------------------------------------------------------------------
  const DRAW = { over_time: overTime, by_category: byCategory, split };

  // One hue for one thing: a made-up series takes that of the real series of its name, if there is one.
  function paint(rows) {
    const hues = new Map(), colours = new Map();
    for (const r of rows) {
      const twin = rows.find((other) => !other.synthetic && other.series === r.series);
      const thing = r.series + (r.synthetic ? (twin || r).source : r.source);
      if (!hues.has(thing)) hues.set(thing, `c${(hues.size % 6) + 1}`);
      colours.set(r.series + r.source, hues.get(thing));
    }
    return colours;
  }

  function legend(rows, colours) {
    const list = make("ul", { class: "legend" });
    for (const [name, found] of groups(rows, (r) => r.series + r.source)) {
      const r = found[0];
      const key = make("svg", { viewBox: "0 0 26 12", width: 26, height: 12, "aria-hidden": "true" },
        make("path", { class: `line ${colours.get(name)}${r.synthetic ? " made-up" : ""}`, d: "M1 6H25" }),
        make("g", { class: `mark ${colours.get(name)}${r.synthetic ? " made-up" : ""}` }, make("circle", { cx: 13, cy: 6, r: 4 })));
      list.append(make("li", {}, key, ` ${r.series}, `, make("span", {}, publisher(r.source) + (r.synthetic ? " (made up)" : ""))));
    }
    return list;
  }

  function show(section, chosen) {
    const here = document.getElementById(section.name);
    const keys = Object.keys(section.views).map((key) => key.split("|"));
    const countries = [...new Set(keys.map((k) => k[0]))]; // one alone is shown whatever is chosen: its title names it
    const bySubstance = keys.some((k) => k[1]);
    const key = `${countries.length === 1 ? countries[0] : chosen.country}|${bySubstance ? chosen.substance : ""}`;
    const [says, all] = section.views[key] || [elsewhere(keys, bySubstance, chosen), []];
    const rows = all.filter((r) => r[0] === null || (year(r[0]) >= chosen.from && year(r[0]) <= chosen.to));
    here.querySelector("h2").textContent = says;
    here.classList.toggle("made-up", all.length > 0 && all.every((r) => r[1] === 1));
    const charts = here.querySelector(".charts");
    const body = here.querySelector("tbody");
    body.replaceChildren(...rows.map((row) => make("tr", {}, ...cells(section, row).map(cell))));
    const used = [...new Set(rows.flatMap((r) => parts(text(r[2]))))];
    const counts = section.chart === "table" ? [] : rows.map((r) => r[9]).filter((n) => n > 0);
    here.querySelector(".sources").textContent =
      (counts.length ? ` · n = ${[...new Set([Math.min(...counts), Math.max(...counts)])].map(number).join(" to ")}` : "") +
      (used.length ? ` · source: ${used.join("; ")}` : "");
    if (section.chart === "table") {
      charts.hidden = rows.length === 0;
      return;
    }
    charts.replaceChildren();
    for (const old of here.querySelectorAll(".legend, .breaks")) old.remove();
    here.querySelector(".figures").hidden = rows.length === 0;
    if (rows.length === 0) return;
    const figures = rows.map(figure).filter((r) => r.value !== null);
    const colours = paint(figures);
    if (section.chart !== "split") charts.before(legend(figures, colours));
    const lines = (section.breaks[key] || []).filter(([d]) => figures.some((r) => r.day < d) && figures.some((r) => r.day > d));
    charts.after(...lines.map(([d, why]) => make("p", { class: "breaks" }, `Dotted line, ${new Date(d * 864e5).toISOString().slice(0, 10)}, not comparable across it: ${text(why)}.`)));
    const panels = groups(figures, (r) => r.panel);
    charts.classList.toggle("single", panels.size === 1);
    for (const name of panels.keys()) charts.append(make("figure", {}, make("figcaption", {}, name)));
    [...panels.values()].forEach((found, i) => {
      const box = charts.children[i];
      box.append(DRAW[section.chart](found, Math.max(260, Math.round(box.clientWidth)), colours, lines, section.log));
    });
  }

  function elsewhere(keys, bySubstance, chosen) {
    const name = (field, code) => filters.elements[field].querySelector(`[value="${CSS.escape(code)}"]`)?.textContent || code;
    const others = keys.filter((k) => k[0] && (!bySubstance || k[1] === chosen.substance)).map((k) => name("country", k[0]));
    return others.length && others.length <= 8 ? `${data.nothing} There are some for ${others.sort().join(", ")}.` : data.nothing;
  }

  function choose() {
    const e = filters.elements;
    const chosen = { country: e.country.value, substance: e.substance.value, from: Number(e.from.value), to: Number(e.to.value) };
    if (chosen.from > chosen.to) [chosen.from, chosen.to] = [chosen.to, chosen.from];
    const whole = chosen.from === Number(e.from.options[0].value) && chosen.to === Number(e.to.options[e.to.length - 1].value);
    filters.querySelector("output").textContent = whole ? "" : `Charts and tables show ${chosen.from} to ${chosen.to}; titles speak of all periods.`;
    for (const section of data.sections) show(section, chosen);
  }

  const days = data.sections.flatMap((s) => Object.values(s.views).flatMap(([, rows]) => rows.map((r) => r[0]))).filter((d) => d !== null);
  const span = days.reduce(([low, high], d) => [Math.min(low, d), Math.max(high, d)], [Infinity, -Infinity]).map(year);
  for (const [name, chosen] of [["from", span[0]], ["to", span[1]]]) {
    for (let at = span[0]; at <= span[1]; at += 1) {
      const option = make("option", { value: at }, String(at));
      option.selected = at === chosen;
      filters.elements[name].append(option);
    }
  }
  filters.addEventListener("change", choose);
  filters.addEventListener("submit", (event) => event.preventDefault());
  for (const box of document.querySelectorAll("input[name=verdict]")) {
    box.addEventListener("change", () => {
      for (const row of document.querySelectorAll("#ledger tbody tr")) if (row.dataset.verdict === box.value) row.hidden = !box.checked;
    });
  }
  let drawn = window.innerWidth;
  window.addEventListener("resize", () => requestAnimationFrame(() => {
    if (window.innerWidth !== drawn) { drawn = window.innerWidth; choose(); }
  }));
  choose();
})();
