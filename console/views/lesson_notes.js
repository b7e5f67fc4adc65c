/** Notes of a lesson for whoever teaches it, to be glanced at: segments, moments, own talk. */

import { momentsOf, segmentsOf, talkOf } from "../record/notes.js";
import { element, setText } from "./element.js";
import { createNoteMoments } from "./note_moments.js";
import { createNoteSegments } from "./note_segments.js";
import { createNoteTalk } from "./note_talk.js";

const NOTHING_YET = "They appear here as people speak: moments to look at again within seconds, segments once the next one has gone on for a while.";
const SWITCHED_OFF = "They are switched off here, as summaries are: features.summaries in the settings of the organisation.";
const AFTER = "Taken while the lesson went on. The summary has seen all of it, and may divide it differently.";

/**
 * @param {string} lessonId @param {(id: string) => string} nameOf a participant in words
 * @param {(id: string) => void} show opens a caption or an event on this page
 */
export function createLessonNotes(lessonId, nameOf, show) {
  const parts = {
    segments: createNoteSegments(show),
    moments: createNoteMoments(nameOf, show),
    talk: createNoteTalk(nameOf),
  };
  const words = element("p", { class: "help" });
  const summary = element("a", { href: `#/lessons/${lessonId}/summary` }, "Read the summary");
  const node = element(
    "section",
    { class: "notes", "aria-labelledby": "notes-title", hidden: true },
    element(
      "div",
      { class: "captions-bar" },
      element("h2", { id: "notes-title" }, "Lesson notes"),
      summary,
    ),
    words,
    parts.segments.node,
    parts.moments.node,
    parts.talk.node,
  );
  let isAllowed = false;
  let isOff = false;
  let isLive = false;
  let shown = null;

  function draw() {
    if (shown === null || !isAllowed) return;
    const { record, own } = shown;
    const moments = momentsOf(record);
    const talk = own.map((id) => talkOf(record, id));
    const isEmpty = moments.length + segmentsOf(record).length === 0 && talk.every(isSilent);
    const isOver = record.status === "ended";
    node.hidden = record.status === "scheduled" || (isOver && isEmpty);
    summary.hidden = !isOver;
    setText(words, stateWords(isOver, isEmpty, isOff));
    words.hidden = words.textContent === "";
    parts.segments.update(record);
    parts.moments.update(moments);
    // What was told before is shown and not said aloud.
    if (isLive) parts.moments.goLive();
    parts.talk.update(talk);
  }

  return {
    node,
    /** @param {boolean} may whether the user may see notes about others */
    allow(may) {
      isAllowed = may;
      draw();
    },
    /** Says that there are none to come. */
    switchOff() {
      isOff = true;
      draw();
    },
    /** From now on new moments are announced. */
    goLive() {
      isLive = true;
      draw();
    },
    /** @param {import("../record/record.js").LessonRecord} record @param {string[]} own ids of the
     *   places from which the reader teaches */
    update(record, own) {
      shown = { record, own };
      draw();
    },
  };
}

const isSilent = ({ moves, questions }) => moves.size + questions === 0;

function stateWords(isOver, isEmpty, isOff) {
  if (isOver) return AFTER;
  if (isOff) return SWITCHED_OFF;
  return isEmpty ? NOTHING_YET : "";
}
