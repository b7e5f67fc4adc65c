/** How each learner responded: what was seen, in sentences, counts and moments to look at again. */

import { MOMENTS, minutesWords, spanWords } from "../record/summary.js";
import { counted } from "../record/words.js";
import { createCitations } from "./citations.js";
import { element } from "./element.js";
import { panel } from "./page.js";
import { claimList } from "./summary_claim.js";

/**
 * @param {any[]} learners @param {string[]} own ids of the reader's own places
 * @param {import("./summary_claim.js").Reading} reading
 */
export function learnersPanel(learners, own, reading) {
  if (learners.length === 0) return null;
  const isOwn = learners.every(({ participant_id: id }) => own.includes(id));
  const unseen = element("p", { class: "help" }, "Not observed: the record has nothing to tell.");
  return panel(
    isOwn ? "How you took part" : "How each learner responded",
    ...learners.map((learner) =>
      element(
        "article",
        { class: "summary-learner" },
        !isOwn && element("h3", {}, reading.nameOf(learner.participant_id)),
        ...(learner.observed ? observed(learner, isOwn, reading) : [unseen.cloneNode(true)]),
      ),
    ),
  );
}

function observed(learner, isOwn, reading) {
  const { talk_ms: talk, answers_right: right, answers_wrong: wrong, moments, claims } = learner;
  const facts = [
    talk > 0 && `spoke for ${minutesWords(talk)}`,
    right + wrong > 0 && `${right} of ${counted(right + wrong, "answer")} right`,
  ].filter(Boolean);
  const rows = moments.map((one) => momentRow(one, isOwn, reading));
  const isBare = facts.length + claims.length + rows.length === 0;
  return [
    isBare && element("p", { class: "help" }, "Seen in the lesson, and the record tells no more."),
    facts.length > 0 && element("p", { class: "help" }, facts.join(" · ")),
    claims.length > 0 && claimList(claims, reading),
    rows.length > 0 && element("h4", {}, "To look at again"),
    rows.length > 0 && element("ul", { class: "claims" }, ...rows),
  ];
}

/** Learners read of their own answers in gentler words. */
const momentRow = (moment, isOwn, { lessonId, captions }) =>
  element(
    "li",
    { class: "claim" },
    element("p", { class: "claim-text" }, `${MOMENTS[moment.reason]}, ${spanWords(moment)}`),
    moment.misconception &&
      element("p", {}, `${isOwn ? "Perhaps taken for right" : "Likely misconception"}: ${moment.misconception}`),
    createCitations(lessonId, moment.citations, captions),
  );
