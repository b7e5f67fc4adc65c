/** A few quiet words to whoever teaches: one at a time, answered or let be. */

import { answerNudge } from "../client/engagement_api.js";
import { ANSWER_WORDS } from "../record/engagement_words.js";
import { nudgesOf } from "../record/group.js";
import { clock } from "../record/words.js";
import { element, icon, renderWhenChanged } from "./element.js";
import { observationList } from "./inference.js";
import { runFromButton } from "./notices.js";

const GLYPHS = { stuck: "help", drifting: "wave", away: "door", not_heard: "speech" };
const ANSWERS = [
  ["helpful", "Helpful"],
  ["wrong", "Wrong"],
  ["dismissed", "Dismiss"],
];

/** @param {string} lessonId @param {(id: string) => string} nameOf */
export function createNudgeQueue(lessonId, nameOf) {
  const place = element("div");
  const current = element("div", { class: "nudge-current", role: "status" });
  const earlier = element("div");
  const node = element("div", { class: "nudges" }, current, place, earlier);

  function answers(nudge) {
    const button = ([value, label]) => {
      const made = element(
        "button",
        {
          type: "button",
          class: "button button-small",
          onclick: () => runFromButton(made, place, () => answerNudge(lessonId, nudge, value)),
        },
        label,
      );
      return made;
    };
    return element(
      "div",
      { class: "nudge-answers", role: "group", "aria-label": "Your answer" },
      ...ANSWERS.map(button),
    );
  }

  const why = (nudge) =>
    nudge.observations.length > 0 &&
    element("details", {}, element("summary", {}, "Why"), observationList(nudge.observations));

  const card = (nudge, more) =>
    element(
      "div",
      { class: "nudge", "data-reason": nudge.reason },
      icon(GLYPHS[nudge.reason] ?? "dots"),
      element(
        "div",
        { class: "nudge-body" },
        element("p", { class: "nudge-text" }, `${nameOf(nudge.participantId)}: ${nudge.text}`),
        more > 0 && element("p", { class: "help" }, `${more} more after this one.`),
        why(nudge),
      ),
      answers(nudge),
    );

  const past = (nudge) =>
    element(
      "li",
      {},
      element("span", {}, `${clock(nudge.atMs)} ${nameOf(nudge.participantId)}: ${nudge.text} `),
      nudge.answer
        ? element("span", { class: "help" }, ANSWER_WORDS[nudge.answer] ?? nudge.answer)
        : answers(nudge),
    );

  /** @param {import("../record/record.js").LessonRecord} record */
  function update(record) {
    const { open, earlier: over } = nudgesOf(record);
    const names = [...open, ...over].map(({ participantId }) => nameOf(participantId));
    renderWhenChanged(current, [open, names], () =>
      open.slice(0, 1).map((nudge) => card(nudge, open.length - 1)),
    );
    const isOpen = earlier.querySelector("details")?.open ?? false;
    renderWhenChanged(earlier, [over, names], () =>
      over.length === 0
        ? []
        : [
            element(
              "details",
              { class: "nudges-earlier", open: isOpen },
              element("summary", {}, `Earlier hints (${over.length})`),
              element("ul", {}, ...over.map(past)),
            ),
          ],
    );
  }

  return { node, update };
}
