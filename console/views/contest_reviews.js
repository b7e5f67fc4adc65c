/** What learners contest, for whoever teaches to review: it stands, or it is taken back. */

import { reviewContest } from "../client/engagement_api.js";
import { CONFIRMED, TAKEN_BACK } from "../record/engagement.js";
import { spanWords, stateWords } from "../record/engagement_words.js";
import { openContests } from "../record/group.js";
import { clock } from "../record/words.js";
import { element, renderWhenChanged } from "./element.js";
import { observationList } from "./inference.js";
import { runFromButton } from "./notices.js";

/** @param {string} lessonId @param {(id: string) => string} nameOf */
export function createContestReviews(lessonId, nameOf) {
  const list = element("ul", { class: "contests" });
  const place = element("div");
  const node = element(
    "section",
    { class: "contest-reviews", hidden: true, "aria-labelledby": "contests-title" },
    element("h3", { id: "contests-title" }, "Contested by learners"),
    list,
    place,
  );

  function item({ contest, span }) {
    const remark = element("input", {
      "aria-label": `Your remark for ${nameOf(contest.participantId)}`,
      placeholder: "A remark (they read it)",
      maxlength: "500",
    });
    const button = (label, outcome) => {
      const made = element(
        "button",
        {
          type: "button",
          class: "button button-small",
          onclick: () =>
            runFromButton(made, place, () =>
              reviewContest(lessonId, contest, outcome, remark.value.trim() || null),
            ),
        },
        label,
      );
      return made;
    };
    return element(
      "li",
      { class: "contest" },
      element("p", {}, element("strong", {}, nameOf(contest.participantId)), ` contests ${whatOf(span, contest)}.`),
      contest.remark && element("p", { class: "contest-remark" }, `“${contest.remark}”`),
      span &&
        span.observations.length > 0 &&
        element("details", {}, element("summary", {}, "Why it was said"), observationList(span.observations)),
      element(
        "div",
        { class: "contest-answers" },
        remark,
        button("Take it back", TAKEN_BACK),
        button("It stands", CONFIRMED),
      ),
    );
  }

  /** @param {import("../record/record.js").LessonRecord} record */
  function update(record) {
    const open = openContests(record).map((contest) => ({ contest, span: spanOf(record, contest) }));
    node.hidden = open.length === 0;
    const names = open.map(({ contest }) => nameOf(contest.participantId));
    const shown = open.map(({ contest, span }) => [contest, span?.state, span?.sinceMs]);
    renderWhenChanged(list, [shown, names], () => open.map(item));
  }

  return { node, update };
}

/** The first span that a contest is about, as far as it is known here. */
function spanOf({ engagement }, { participantId, signalIds, startMs }) {
  const spans = engagement.spans.get(participantId) ?? [];
  const named = ({ signalIds: ids }) => signalIds.some((id) => ids.includes(id));
  const covered = (span) => startMs !== null && span.endMs > startMs;
  return spans.find((span) => named(span) || covered(span)) ?? null;
}

function whatOf(span, { atMs }) {
  if (span === null) return `what was inferred, at ${clock(atMs)}`;
  return `“${stateWords(span.state).word}”, ${spanWords(span.sinceMs, span.endMs)}`;
}
