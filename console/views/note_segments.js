/** Segments of a lesson as they close, on a small time line; the one that goes on is its open end. */

import { segmentsOf } from "../record/notes.js";
import { transcriptOrder } from "../record/record.js";
import { SEGMENT_KINDS, minutesWords } from "../record/summary.js";
import { clock } from "../record/words.js";
import { element, keepChildren, renderWhenChanged } from "./element.js";

/** @param {(id: string) => void} show opens a caption on this page */
export function createNoteSegments(show) {
  const line = element("ol", { class: "segment-line", "aria-label": "Segments so far" });
  const open = element("li", { class: "segment-open", "aria-hidden": "true" });
  const facts = element("div", { class: "note-segment" });
  const node = element("div", { class: "note-segments" }, line, facts);
  /** @type {Map<string, HTMLElement>} */
  const marks = new Map();
  let chosen = null;
  let record = null;

  const length = (mark, milliseconds) =>
    mark.style.setProperty("--length", String(Math.max(1, milliseconds)));

  function markOf(segment) {
    if (!marks.has(segment.id)) marks.set(segment.id, element("li"));
    const mark = marks.get(segment.id);
    mark.className = `segment-mark segment-${segment.kind}`;
    length(mark, segment.endMs - segment.startMs);
    return mark;
  }

  function choose(id) {
    chosen = id;
    update(record);
  }

  function fill(mark, segment, number, isChosen) {
    const words = `${number}. ${segment.title}, ${clock(segment.startMs)} to ${clock(segment.endMs)}`;
    const face = mark.querySelector("button") ?? element("button", { type: "button" }, String(number));
    face.title = words;
    face.setAttribute("aria-label", words);
    face.setAttribute("aria-pressed", String(isChosen));
    face.onclick = () => choose(segment.id);
    if (face.parentElement === null) mark.append(face);
  }

  /** @param {import("../record/record.js").LessonRecord} next */
  function update(next) {
    record = next;
    const segments = segmentsOf(record);
    node.hidden = segments.length === 0;
    if (node.hidden) return;
    const at = segments.findIndex(({ id }) => id === chosen);
    const index = at < 0 ? segments.length - 1 : at;
    segments.forEach((one, place) => fill(markOf(one), one, place + 1, place === index));
    const spokenMs = newestMs(record) - segments.at(-1).endMs;
    const goesOn = record.status === "live" && spokenMs > 0;
    length(open, spokenMs);
    keepChildren(line, [...segments.map(({ id }) => marks.get(id)), ...(goesOn ? [open] : [])]);
    const first = firstCaption(record, segments[index]);
    renderWhenChanged(facts, [segments[index], index, first], () =>
      factsOf(segments[index], index + 1, first && (() => show(first))),
    );
  }

  return { node, update };
}

function factsOf({ title, kind, startMs, endMs }, number, onclick) {
  const words = [`${clock(startMs)} to ${clock(endMs)}`, minutesWords(endMs - startMs), SEGMENT_KINDS[kind]];
  const read = { type: "button", class: "link-button", onclick };
  return [
    element("p", { class: "note-title" }, `${number}. ${title}`),
    element(
      "p",
      { class: "help" },
      `${words.filter(Boolean).join(" · ")} `,
      onclick && element("button", read, "Read it in the transcript"),
    ),
  ];
}

const newestMs = ({ captions }) => [...captions.values()].reduce((most, { endMs }) => Math.max(most, endMs), 0);

/** @returns {string | null} id of the first caption of a segment that can be read */
const firstCaption = (record, { startMs, endMs }) =>
  transcriptOrder(record).find((one) => one.startMs >= startMs && one.startMs < endMs)?.captionId ?? null;
