/** What a claim about a learner rests on: each piece leads to its event in the lesson. */

import { moment } from "../record/words.js";
import { element } from "./element.js";

const KINDS = {
  answer: "Answered",
  practice: "Practised",
  covered: "Covered",
  milestone: "Milestone",
};
const STATUSES = {
  mastered: "Mastered",
  developing: "Developing",
  needs_reinforcement: "Needs reinforcement",
  not_enough_evidence: "Not enough evidence",
};

/** @param {string} status of a learner on an objective */
export const standingBadge = (status) =>
  element("span", { class: `standing standing-${status}` }, STATUSES[status] ?? status);

/** In the order in which a tutor wants to see them. */
const BY_URGENCY = ["needs_reinforcement", "developing", "not_enough_evidence", "mastered"];

/** @param {string} status @returns {number} less is more urgent */
export const urgency = (status) => BY_URGENCY.indexOf(status);

/** How many objectives stand where. @param {Record<string, number>} statuses */
export const standingCounts = (statuses) =>
  BY_URGENCY.filter((status) => statuses[status] > 0).map((status) =>
    element("span", { class: "standing-count" }, `${statuses[status]} `, standingBadge(status)),
  );

/** @param {import("../client/learning_api.js").Evidence} evidence */
function outcomeOf({ kind, outcome, detail }) {
  if (outcome === null) return [KINDS[kind] ?? kind, detail].filter(Boolean).join(", ");
  if (outcome === 1) return "Answered right";
  if (outcome === 0) return "Answered wrong";
  return `Answered, ${Math.round(outcome * 100)}\u00a0% of the points`;
}

function evidenceItem(evidence) {
  const tone = evidence.outcome === null ? "" : evidence.outcome >= 0.5 ? "for" : "against";
  return element(
    "li",
    { class: `evidence evidence-${tone || "neutral"}` },
    element(
      "a",
      { href: `#/lessons/${evidence.lesson_id}/events/${evidence.sequence}` },
      outcomeOf(evidence),
    ),
    element("span", { class: "evidence-when" }, moment(evidence.occurred_at)),
  );
}

/** @param {import("../client/learning_api.js").Evidence[]} evidence newest first */
export const evidenceList = (evidence) =>
  element("ul", { class: "evidence-list" }, ...evidence.map(evidenceItem));

/** Why an objective needs more work; the evidence opens under each reason. */
export const reasonList = (reasons) =>
  element(
    "ul",
    { class: "reasons" },
    ...reasons.map((reason) =>
      element(
        "li",
        { class: "reason" },
        reason.evidence.length === 0
          ? element("p", {}, reason.text)
          : element(
              "details",
              {},
              element("summary", {}, reason.text),
              evidenceList(reason.evidence),
            ),
      ),
    ),
  );

/** @param {any[]} homework that is still open @returns {HTMLElement} */
export const homeworkList = (homework) =>
  element(
    "ul",
    { class: "homework" },
    ...homework.map(homeworkItem),
  );

function homeworkItem(one) {
  const overdue = one.due_at !== null && Date.parse(one.due_at) < Date.now();
  return element(
    "li",
    {},
    element("span", { class: "homework-title" }, one.title ?? one.homework_id),
    element(
      "span",
      { class: overdue ? "homework-due homework-overdue" : "homework-due" },
      one.due_at ? `${overdue ? "Was due" : "Due"} ${moment(one.due_at)}` : "No date",
    ),
    one.open_for &&
      element("span", { class: "help" }, one.open_for.map((who) => who.name).join(", ")),
  );
}

/** Which model made the estimates, and on what its parameters were fitted. */
export const modelNote = (model) =>
  element(
    "p",
    { class: "help model-note" },
    `Mastery is an estimate: ${model.name}, version ${model.version}, with parameters from ${model.data}. 90\u00a0% of what the model believes lies in the range beside it.`,
  );
