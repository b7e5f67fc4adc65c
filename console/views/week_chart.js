/** Mastery week by week as a line in its band of uncertainty; drawn at the width it is given. */

import { element } from "./element.js";

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 132;
const MARGIN = { top: 10, right: 10, bottom: 22, left: 46 };
/** Room that the name of a week needs. */
const LABEL_WIDTH = 58;

/** @typedef {{week: string, estimate: number, low: number, high: number, answers: number}} Point */

function svg(name, attributes, ...children) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  node.append(...children);
  return node;
}

/** @param {string} week its Monday, as the API writes it */
export function weekName(week) {
  const options = { day: "numeric", month: "short", timeZone: "UTC" };
  return new Date(`${week}T00:00:00Z`).toLocaleDateString(undefined, options);
}

/** @param {number} share 0..1 */
export const percent = (share) => `${Math.round(share * 100)}\u00a0%`;

/** What the chart shows, in a sentence. @param {Point[]} points */
function summary(points) {
  const [first, last] = [points[0], points.at(-1)];
  const range = `between ${percent(last.low)} and ${percent(last.high)}`;
  if (points.length === 1) return `Mastery ${percent(last.estimate)}, ${range}.`;
  return `Mastery from ${percent(first.estimate)} in the week of ${weekName(first.week)} to ${percent(last.estimate)} now, ${range}.`;
}

/**
 * @param {Point[]} points in the order of their weeks @param {string[]} weeks all weeks on the axis
 * @returns {HTMLElement}
 */
export function weekChart(points, weeks) {
  const node = element("div", { class: "chart" });
  const drawn = new ResizeObserver(() => {
    if (node.clientWidth > 0) node.replaceChildren(drawing(points, weeks, node.clientWidth));
  });
  drawn.observe(node);
  return node;
}

function drawing(points, weeks, width) {
  const inner = width - MARGIN.left - MARGIN.right;
  const step = inner / Math.max(1, weeks.length - 1);
  const place = new Map(weeks.map((week, index) => [week, MARGIN.left + index * step]));
  const x = (point) => place.get(point.week);
  const y = (share) => MARGIN.top + (1 - share) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const shown = points.filter((point) => place.has(point.week));
  return svg(
    "svg",
    {
      viewBox: `0 0 ${width} ${HEIGHT}`,
      width,
      height: HEIGHT,
      role: "img",
      "aria-label": summary(points),
    },
    ...[0, 0.5, 1].flatMap((share) => gridLine(share, y(share), width)),
    ...weekLabels(weeks, place, step),
    band(shown, x, y),
    line(shown, x, y),
    ...shown.filter((point) => point.answers > 0).map((point) => dot(point, x, y)),
  );
}

const gridLine = (share, at, width) => [
  svg("line", { class: "chart-grid", x1: MARGIN.left, x2: width - MARGIN.right, y1: at, y2: at }),
  svg(
    "text",
    { class: "chart-label", x: MARGIN.left - 8, y: at + 4, "text-anchor": "end" },
    percent(share),
  ),
];

/** As many names as there is room for, the newest always among them. */
function weekLabels(weeks, place, step) {
  const every = Math.max(1, Math.ceil(LABEL_WIDTH / step));
  const last = weeks.length - 1;
  return weeks
    .filter((_, index) => (last - index) % every === 0)
    .map((week) => {
      const anchor = week === weeks[last] && last > 0 ? "end" : "middle";
      const at = anchor === "end" ? place.get(week) + MARGIN.right - 2 : place.get(week);
      return svg(
        "text",
        { class: "chart-label", x: at, y: HEIGHT - 5, "text-anchor": anchor },
        weekName(week),
      );
    });
}

function band(points, x, y) {
  const above = points.map((point) => `${x(point)},${y(point.high)}`);
  const below = points.map((point) => `${x(point)},${y(point.low)}`).reverse();
  return svg("polygon", { class: "chart-band", points: [...above, ...below].join(" ") });
}

const line = (points, x, y) =>
  svg("polyline", {
    class: "chart-line",
    points: points.map((point) => `${x(point)},${y(point.estimate)}`).join(" "),
  });

/** A week with answers; more of them make a larger dot, up to what can still be told apart. */
function dot(point, x, y) {
  const radius = 3 + Math.min(4, Math.sqrt(point.answers));
  const title = `Week of ${weekName(point.week)}: ${percent(point.estimate)} (${percent(point.low)} to ${percent(point.high)}), ${point.answers} answers`;
  return svg(
    "circle",
    { class: "chart-dot", cx: x(point), cy: y(point.estimate), r: radius },
    svg("title", {}, title),
  );
}
