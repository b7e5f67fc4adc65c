/** Wait time and who is heard: quiet figures, and a word only where it is worth one. */

import { lasting } from "../record/engagement_words.js";
import { NOT_HEARD_MS, hintsOf } from "../record/group.js";
import { secondsOf } from "../record/words.js";
import { element, renderWhenChanged } from "./element.js";

/** @param {(id: string) => string} nameOf */
export function createEquityHints(nameOf) {
  const node = element("dl", { class: "hints" });

  /** @param {import("../record/record.js").LessonRecord} record */
  function update(record) {
    const hints = hintsOf(record);
    const names = hints.notHeard.map(nameOf).sort((one, other) => one.localeCompare(other));
    const answerer = hints.question?.answeredBy ? nameOf(hints.question.answeredBy) : null;
    renderWhenChanged(node, [hints, names, answerer], () =>
      [
        hint("Last question", questionWords(hints.question, answerer), waitHint(hints)),
        hint("Talk", talkWords(hints.tutorShare), null, talkBar(hints.tutorShare)),
        hint("Not heard lately", notHeardWords(names), null),
      ].filter(Boolean),
    );
  }

  return { node, update };
}

function hint(title, words, remark, picture = null) {
  if (words === null) return null;
  return element(
    "div",
    { class: "hint" },
    element("dt", {}, title),
    element("dd", {}, picture, words, remark && element("span", { class: "help" }, remark)),
  );
}

/** A wait is a time of the lesson, so it is told in seconds, not in words of praise or blame. */
function questionWords(question, answerer) {
  if (question === null) return null;
  if (question.waitMs === null) return "Nobody spoke for 15 seconds";
  const wait = secondsOf(question.waitMs);
  return answerer === null ? `${wait} until whoever asked went on` : `${wait} until ${answerer} answered`;
}

function waitHint({ medianWaitMs, waitsAreShort }) {
  if (medianWaitMs === null) return null;
  const median = `Median wait of this lesson: ${secondsOf(medianWaitMs)}.`;
  return waitsAreShort ? `${median} Three seconds or more bring longer answers, from more learners.` : median;
}

const talkWords = (share) =>
  share === null
    ? null
    : `${Math.round(share * 100)}\u00a0% by those who teach, ${Math.round((1 - share) * 100)}\u00a0% by learners`;

function talkBar(share) {
  if (share === null) return null;
  const bar = element("span", { class: "talk-bar", "aria-hidden": "true" });
  bar.style.setProperty("--share", String(share));
  return bar;
}

/** In the order of their names: who was silent for longest is nobody's rank. */
const notHeardWords = (names) =>
  names.length === 0
    ? null
    : `${names.join(", ")}: not by voice, chat, hand, poll or answer for ${lasting(NOT_HEARD_MS)} or more`;
