/** What a tutor wants to know before the lesson: for the group, and for each learner. */

import { getBriefing } from "../client/learning_api.js";
import { counted, moment } from "../record/words.js";
import { continuityPanels } from "./continuity_panels.js";
import { element } from "./element.js";
import {
  evidenceList,
  homeworkList,
  modelNote,
  reasonList,
  standingCounts,
} from "./evidence.js";
import { openPage, panel } from "./page.js";
import { percent } from "./week_chart.js";

const REASONS = {
  recent_mistakes: "recent mistakes",
  low_mastery: "low mastery",
  fading: "fading",
  covered_but_not_practised: "covered, not practised",
  needed_for_what_comes: "needed for what comes",
};

/** @param {HTMLElement} root @param {string} lessonId @param {boolean} moveFocus */
export function openBriefingPage(root, lessonId, moveFocus) {
  const back = element("a", { class: "button", href: `#/lessons/${lessonId}` }, "Open the lesson");
  return openPage(
    root,
    { title: "Briefing", loading: "Preparing the briefing…", moveFocus, actions: [back] },
    async (_signal, setTitle) => {
      const briefing = await getBriefing(lessonId);
      setTitle(`Briefing: ${briefing.title}`);
      return content(briefing);
    },
  );
}

function content(briefing) {
  const { course, group, learners, last_lessons: past } = briefing;
  const facts = [
    course ? course.title : "The lesson belongs to no course, so only its learners are told of.",
    counted(group.learners, "learner"),
    `as of ${moment(briefing.as_of)}`,
  ];
  return [
    element("p", { class: "lesson-facts" }, facts.join(" · ")),
    !briefing.is_current &&
      element(
        "p",
        { class: "notice", role: "status" },
        "The record is still taking in the latest events; reload in a few seconds.",
      ),
    element(
      "div",
      { class: "briefing-layout" },
      element(
        "div",
        { class: "briefing-main" },
        panel("Needs reinforcement in the group", reinforcement(group)),
        ...continuityPanels(briefing),
        ...learners.map(learnerPanel),
      ),
      element(
        "div",
        { class: "briefing-side" },
        panel("What comes next", nextObjectives(group.next)),
        panel(
          "Open homework",
          group.open_homework.length > 0
            ? homeworkList(group.open_homework)
            : element("p", { class: "help" }, "None."),
        ),
        panel("Last lessons", pastLessons(past)),
        modelNote(briefing.model),
      ),
    ),
  ];
}

function reinforcement({ reinforce }) {
  if (reinforce.length === 0) {
    return element("p", { class: "help" }, "Nothing in the record calls for it.");
  }
  return element(
    "ul",
    { class: "reinforce" },
    ...reinforce.map((one) =>
      element(
        "li",
        {},
        element("p", { class: "reinforce-objective" }, one.objective.statement),
        element(
          "p",
          {},
          `${one.learners.length} of ${counted(one.of, "learner")}: `,
          ...one.learners.flatMap((who, index) => [index > 0 ? ", " : "", learnerLink(who)]),
        ),
        element("p", { class: "help" }, whyOf(one)),
      ),
    ),
  );
}

function whyOf({ reasons, needed_for: neededFor }) {
  const why = Object.entries(reasons).map(
    ([kind, count]) => `${REASONS[kind] ?? kind.replaceAll("_", " ")} (${count})`,
  );
  const ahead = neededFor.map((objective) => objective.statement);
  return [why.join(", "), ahead.length > 0 && `Needed for: ${ahead.join("; ")}`]
    .filter(Boolean)
    .join(". ");
}

const learnerLink = (learner) =>
  element("a", { href: `#/learners/${learner.id}` }, learner.name);

function learnerPanel(one) {
  const { statuses } = one;
  return element(
    "section",
    { class: "panel briefing-learner" },
    element(
      "div",
      { class: "briefing-learner-head" },
      element("h2", {}, learnerLink(one.learner)),
      element(
        "p",
        { class: "standings" },
        ...standingCounts(statuses),
      ),
    ),
    one.missed.length > 0 &&
      element(
        "p",
        { class: "help" },
        `Missed ${counted(one.missed.length, "recent lesson")}.`,
      ),
    one.reinforce.length === 0
      ? element("p", { class: "help" }, "Nothing needs reinforcement.")
      : element("ul", { class: "reinforce" }, ...one.reinforce.map(learnerObjective)),
    one.open_homework.length > 0 && element("h3", {}, "Open homework"),
    one.open_homework.length > 0 && homeworkList(one.open_homework),
  );
}

const learnerObjective = ({ objective, mastery, reasons }) =>
  element(
    "li",
    {},
    element(
      "p",
      { class: "reinforce-objective" },
      objective.statement,
      mastery && element("span", { class: "help" }, ` ${percent(mastery.estimate)}`),
    ),
    reasonList(reasons),
  );

function nextObjectives(objectives) {
  if (objectives.length === 0) {
    return element("p", { class: "help" }, "The curriculum names nothing that is ready to be begun.");
  }
  return element(
    "ol",
    { class: "next-objectives" },
    ...objectives.map((one) =>
      element("li", {}, one.statement, element("code", { class: "objective-code" }, one.code)),
    ),
  );
}

function pastLessons(lessons) {
  if (lessons.length === 0) return element("p", { class: "help" }, "None in this course yet.");
  return element(
    "ul",
    { class: "past-lessons" },
    ...lessons.map((one) =>
      element(
        "li",
        {},
        element("a", { href: `#/lessons/${one.lesson_id}` }, one.title),
        element(
          "p",
          { class: "help" },
          [one.started_at && moment(one.started_at), `${one.attended} here`]
            .filter(Boolean)
            .join(" · "),
        ),
        ...one.covered.map((covered) =>
          element(
            "details",
            {},
            element("summary", {}, covered.objective.statement),
            evidenceList(covered.evidence),
          ),
        ),
      ),
    ),
  );
}
