/** The lesson's segments on a time line, each a way to what was taught in it. */

import { SEGMENT_KINDS, minutesWords, spanWords } from "../record/summary.js";
import { element } from "./element.js";
import { claimList } from "./summary_claim.js";

/**
 * @param {any} summary @param {import("./summary_claim.js").Reading} reading
 * @returns {Node[]} the line, and the segments below it
 */
export function segmentParts({ segments, objectives }, reading) {
  if (segments.length === 0) return [element("p", { class: "help" }, "Nothing was heard.")];
  const titles = new Map(objectives.map((one) => [one.objective_id, one.title]));
  const parts = segments.map((segment, index) => segmentPart(segment, index, titles, reading));
  const line = element(
    "ol",
    { class: "segment-line", "aria-label": "Segments on the lesson clock" },
    ...segments.map((segment, index) => mark(segment, index, () => reveal(parts[index]))),
  );
  return [line, element("ol", { class: "segments" }, ...parts)];
}

function mark(segment, index, onclick) {
  const words = `${index + 1}. ${segment.title}, ${spanWords(segment)}`;
  const facts = { type: "button", title: words, "aria-label": words, onclick };
  const node = element(
    "li",
    { class: `segment-mark segment-${segment.kind}` },
    element("button", facts, String(index + 1)),
  );
  node.style.setProperty("--length", String(Math.max(1, segment.end_ms - segment.start_ms)));
  return node;
}

function reveal(part) {
  part.scrollIntoView({ block: "center" });
  part.querySelector("h3").focus({ preventScroll: true });
}

function segmentPart(segment, index, titles, reading) {
  const about = segment.objective_ids.map((id) => titles.get(id)).filter(Boolean);
  const length = minutesWords(segment.end_ms - segment.start_ms);
  const facts = [spanWords(segment), length, SEGMENT_KINDS[segment.kind]];
  return element(
    "li",
    { class: `segment segment-${segment.kind}` },
    element("h3", { tabindex: "-1" }, `${index + 1}. ${segment.title}`),
    element("p", { class: "help" }, facts.join(" · ")),
    about.length > 0 && element("p", { class: "help" }, `Objectives: ${about.join("; ")}`),
    segment.claims.length > 0 && claimList(segment.claims, reading),
  );
}
