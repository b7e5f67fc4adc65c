/** What the last summaries have for this lesson, and where they do not fit together. */

import { clock } from "../record/words.js";
import { element } from "./element.js";
import { panel } from "./page.js";

const PARTS = { needs: "Needs reinforcement", open_questions: "Open questions", next_plan: "Planned next" };

/** @param {any} briefing @returns {(HTMLElement | null)[]} */
export function continuityPanels({ last_lessons: past, contradictions }) {
  const newest = past.find((lesson) => lesson.summary);
  return [
    contradictions.length > 0 && contradictionPanel(contradictions),
    newest && summaryPanel(newest),
  ].filter(Boolean);
}

function contradictionPanel(contradictions) {
  return panel(
    "Does not fit together",
    element(
      "ul",
      { class: "reinforce" },
      ...contradictions.map((one) =>
        element(
          "li",
          {},
          element(
            "p",
            { class: "reinforce-objective" },
            one.objective.statement,
            one.learner && element("span", { class: "help" }, ` ${one.learner.name}`),
          ),
          element("p", {}, one.text),
          ...[one.earlier, one.later].filter(Boolean).map(place),
        ),
      ),
    ),
  );
}

const place = ({ lesson_id: id, lesson_title: title, text }) =>
  element("p", { class: "help" }, element("a", { href: `#/lessons/${id}` }, title), `: ${text}`);

function summaryPanel({ title, summary }) {
  const parts = Object.entries(PARTS).filter(([part]) => summary[part].length > 0);
  if (parts.length === 0) return null;
  return panel(
    `From the summary of ${title}`,
    ...parts.flatMap(([part, heading]) => [
      element("h3", {}, heading),
      element("ul", { class: "reinforce" }, ...summary[part].map(sentence)),
    ]),
  );
}

const sentence = ({ text, is_marked: isMarked, lesson_time_ms: at }) =>
  element(
    "li",
    {},
    element("p", {}, text),
    element(
      "p",
      { class: "help" },
      isMarked ? `To be checked · at ${clock(at)}` : `At ${clock(at)}`,
    ),
  );
