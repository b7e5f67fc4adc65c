/** Latencies as pictures: quantiles on a bar against their target, and minute by minute. */

import { secondsOf } from "../record/words.js";
import { element } from "./element.js";

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 56;
/** Room at the top and bottom, so that a thick line is not cut off. */
const MARGIN = 4;
/** The target stands at two thirds of a bar, unless something lies beyond its end. */
const TARGET_PLACE = 2 / 3;

function svg(name, attributes, ...children) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  node.append(...children);
  return node;
}

/**
 * A bar from nothing to the median, a thinner one to the 95th percentile and a line to the 99th.
 * @param {string} label
 * @param {{count: number, p50_ms: number | null, p95_ms: number | null, p99_ms: number | null}} latency
 * @param {number} targetMs for the 95th percentile
 */
export function latencyBar(label, latency, targetMs) {
  const { p50_ms: p50, p95_ms: p95, p99_ms: p99 } = latency;
  if (p95 === null) {
    return element(
      "div",
      { class: "latency-row" },
      element("p", { class: "latency-label" }, label),
      element("p", { class: "help" }, "Nothing measured yet."),
    );
  }
  const scale = Math.max(targetMs / TARGET_PLACE, p99 ?? 0);
  const late = p95 > targetMs;
  const part = (name, value) => {
    const node = element("span", { class: `latency-${name}` });
    node.style.setProperty("--share", String(Math.min(1, value / scale)));
    return node;
  };
  const text = `half within ${secondsOf(p50)}, 95 of 100 within ${secondsOf(p95)}, 99 within ${secondsOf(p99)}`;
  return element(
    "div",
    { class: late ? "latency-row latency-late" : "latency-row" },
    element(
      "p",
      { class: "latency-label" },
      label,
      element("strong", { class: "latency-figure" }, secondsOf(p95)),
    ),
    element(
      "div",
      { class: "latency-bar", role: "img", "aria-label": `${label}: ${text}; the target is ${secondsOf(targetMs)}` },
      part("p99", p99),
      part("p95", p95),
      part("p50", p50),
      part("target", targetMs),
    ),
    element(
      "p",
      { class: "help" },
      `${late ? "Past" : "Within"} the target of ${secondsOf(targetMs)} for 95 of 100; half within ${secondsOf(p50)}`,
    ),
  );
}

/**
 * The 95th percentile of each minute as a line, the target across it.
 * @param {{start_ms: number, p95_ms: number}[]} minutes @param {number} targetMs
 */
export function minuteChart(minutes, targetMs) {
  const node = element("div", { class: "minutes" });
  const drawn = new ResizeObserver(() => {
    if (node.clientWidth > 0) node.replaceChildren(drawing(minutes, targetMs, node.clientWidth));
  });
  drawn.observe(node);
  return node;
}

function drawing(minutes, targetMs, width) {
  const highest = Math.max(targetMs * 1.5, ...minutes.map((one) => one.p95_ms));
  const last = Math.max(1, minutes.at(-1).start_ms);
  const x = (one) => MARGIN + (one.start_ms / last) * (width - 2 * MARGIN);
  const y = (ms) => HEIGHT - MARGIN - (ms / highest) * (HEIGHT - 2 * MARGIN);
  const worst = Math.max(...minutes.map((one) => one.p95_ms));
  const late = minutes.filter((one) => one.p95_ms > targetMs);
  const label = `Minute by minute: at most ${secondsOf(worst)}; ${late.length} of ${minutes.length} minutes past the target`;
  return svg(
    "svg",
    { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, role: "img", "aria-label": label },
    svg("line", { class: "minutes-target", x1: 0, x2: width, y1: y(targetMs), y2: y(targetMs) }),
    svg("polyline", {
      class: "chart-line",
      points: minutes.map((one) => `${x(one)},${y(one.p95_ms)}`).join(" "),
    }),
    ...minutes.map((one) =>
      svg("circle", {
        class: one.p95_ms > targetMs ? "minutes-dot minutes-late" : "minutes-dot",
        cx: x(one),
        cy: y(one.p95_ms),
        r: 3,
      }),
    ),
  );
}
