/** How each learner responded: what was seen, in sentences, counts and moments to look at again. */

import { MOMENTS, minutesWords, spanWords } from "../record/summary.js";
import { counted } from "../record/words.js";
import { createCitations } from "./citations.js";
import { element } from "./element.js";
import { panel } from "./page.js";
import { claimList } from "./summary_claim.js";

/** More learners than that are told of by name first, and opened one by one. */
const MOST_OPEN = 8;

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
    ...learners.map((learner) => {
      const name = isOwn ? null : reading.nameOf(learner.participant_id);
      const told = learner.observed ? observed(learner, isOwn, reading) : [unseen.cloneNode(true)];
      return learnerPart(name, told, learners.length > MOST_OPEN && learner);
    }),
  );
}

/** @param {any} folded the learner, where their part is opened on demand */
function learnerPart(name, told, folded) {
  const heading = name && element("h3", {}, name);
  const attributes = { class: "summary-learner" };
  if (!folded) return element("article", attributes, heading, ...told);
  const words = foldedWords(folded);
  const about = element("summary", {}, heading, element("span", { class: "help" }, words));
  return element("details", attributes, about, ...told);
}

function foldedWords({ observed: isSeen, moments, claims }) {
  if (!isSeen) return " not observed";
  const parts = [
    moments.length > 0 && `${moments.length} to look at again`,
    claims.length > 0 && counted(claims.length, "sentence"),
  ];
  return ` ${parts.filter(Boolean).join(" · ")}`;
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
