/** One learner over weeks: every objective with its mastery, and why some need more work. */

import { downloadProgress, getProgress, listEvidence } from "../client/learning_api.js";
import { counted } from "../record/words.js";
import { action } from "./administration.js";
import { save } from "./downloads.js";
import { element } from "./element.js";
import {
  evidenceList,
  homeworkList,
  modelNote,
  reasonList,
  standingBadge,
  standingCounts,
  urgency,
} from "./evidence.js";
import { runFromButton } from "./notices.js";
import { emptyState, openPage, panel } from "./page.js";
import { percent, weekChart, weekName } from "./week_chart.js";

const SPANS = { 6: "6 weeks", 12: "12 weeks", 26: "Half a year", 52: "A year" };
/** A column is as high as its share of the busiest week, and of this many lessons at least. */
const HIGHEST_COLUMN = 2;

/** @param {HTMLElement} root @param {string} learnerId @param {boolean} moveFocus */
export function openProgressPage(root, learnerId, moveFocus) {
  let leave = () => {};
  const spans = element(
    "select",
    { id: "span", onchange: () => show(Number(spans.value), false) },
    ...Object.entries(SPANS).map(([weeks, label]) => element("option", { value: weeks }, label)),
  );
  spans.value = "12";
  const place = element("div");
  const report = action("Report", () =>
    runFromButton(report, place, async () =>
      save(await downloadProgress(learnerId, Number(spans.value)), `${learnerId}-progress.pdf`),
    ),
  );
  const controls = element(
    "div",
    { class: "page-controls" },
    element("label", { for: "span" }, "Over"),
    spans,
    report,
    place,
  );

  function show(weeks, focus) {
    leave();
    leave = openPage(
      root,
      {
        title: "Progress",
        loading: "Reading the record…",
        moveFocus: focus,
        actions: [controls],
      },
      async (_signal, setTitle) => {
        const progress = await getProgress(learnerId, weeks);
        setTitle(progress.learner.name);
        return content(progress, learnerId, weeks);
      },
    );
  }

  show(12, moveFocus);
  return () => leave();
}

function content(progress, learnerId, weeks) {
  const cards = element("div", { class: "objectives" });
  const append = (page) => {
    const sorted = [...page.objectives].sort(
      (one, other) => urgency(one.status) - urgency(other.status),
    );
    cards.append(...sorted.map((one) => objectiveCard(one, learnerId, weeksOf(page))));
  };
  append(progress);
  return [
    element("p", { class: "standings" }, ...standingCounts(progress.statuses)),
    element(
      "div",
      { class: "progress-layout" },
      element(
        "div",
        { class: "progress-main" },
        progress.objectives.length === 0
          ? emptyState(
              "Nothing is known of this learner's objectives yet.",
              "Answers, milestones and covered objectives of lessons in a course appear here.",
            )
          : cards,
        moreButton(progress.next, (after) => getProgress(learnerId, weeks, after), append),
      ),
      element(
        "div",
        { class: "progress-side" },
        panel("Lessons attended", attendance(progress.lessons_attended)),
        panel(
          "Open homework",
          progress.open_homework.length > 0
            ? homeworkList(progress.open_homework)
            : element("p", { class: "help" }, "None."),
        ),
        modelNote(progress.model),
      ),
    ),
  ];
}

const weeksOf = (progress) => progress.lessons_attended.map((one) => one.week);

function moreButton(next, fetchPage, append) {
  const place = element("div");
  const button = element(
    "button",
    {
      type: "button",
      class: "button",
      hidden: next === null,
      onclick: () =>
        runFromButton(button, place, async () => {
          const page = await fetchPage(next);
          append(page);
          next = page.next;
          button.hidden = next === null;
        }),
    },
    "More objectives",
  );
  return element("div", {}, button, place);
}

function objectiveCard(one, learnerId, weeks) {
  const { objective, mastery } = one;
  return element(
    "article",
    { class: "objective", "data-objective-id": objective.id },
    element(
      "header",
      { class: "objective-head" },
      element(
        "div",
        {},
        element("h2", {}, objective.statement),
        element("code", { class: "objective-code" }, objective.code),
      ),
      standingBadge(one.status),
    ),
    mastery
      ? element(
          "p",
          { class: "objective-mastery" },
          "Mastery ",
          element("strong", {}, percent(mastery.estimate)),
          `, between ${percent(mastery.low)} and ${percent(mastery.high)}`,
        )
      : element("p", { class: "objective-mastery" }, "No answers yet."),
    one.weeks.length > 0 && weekChart(one.weeks, weeks),
    element("p", { class: "help" }, figures(one)),
    one.reasons.length > 0 && reasonList(one.reasons),
    allEvidence(one, learnerId),
  );
}

function figures(one) {
  const parts = [counted(one.answers, "answer")];
  if (one.answers > 0) parts.push(`${one.evidence_for} for, ${one.evidence_against} against`);
  parts.push(`covered in ${counted(one.covered_in_lessons, "lesson")}`);
  return parts.join(" · ");
}

/** Fetched when it is opened, page by page. */
function allEvidence(one, learnerId) {
  if (one.answers + one.covered_in_lessons + one.practised === 0) return null;
  const place = element("div");
  const body = element("div");
  let next = null;
  const fetchMore = async () => {
    const page = await listEvidence(learnerId, one.objective.id, next);
    body.append(evidenceList(page.evidence));
    next = page.next;
    more.hidden = next === null;
  };
  const more = element(
    "button",
    { type: "button", class: "button", onclick: () => runFromButton(more, place, fetchMore) },
    "Earlier evidence",
  );
  const details = element(
    "details",
    {
      class: "all-evidence",
      ontoggle: () => {
        if (details.open && !body.hasChildNodes()) runFromButton(more, place, fetchMore);
      },
    },
    element("summary", {}, "All evidence"),
    body,
    more,
    place,
  );
  return details;
}

/** One column a week; its height is the number of lessons. */
function attendance(weeks) {
  const total = weeks.reduce((sum, one) => sum + one.lessons, 0);
  const most = Math.max(HIGHEST_COLUMN, ...weeks.map((one) => one.lessons));
  const columns = weeks.map((one) => {
    const column = element("span", {
      class: "attendance-week",
      title: `Week of ${weekName(one.week)}: ${counted(one.lessons, "lesson")}`,
    });
    column.style.setProperty("--share", String(one.lessons / most));
    return column;
  });
  return element(
    "div",
    { class: "attendance" },
    element("p", {}, `${counted(total, "lesson")} in ${counted(weeks.length, "week")}`),
    element("div", { class: "attendance-weeks", "aria-hidden": "true" }, ...columns),
    element(
      "p",
      { class: "attendance-axis help", "aria-hidden": "true" },
      element("span", {}, weekName(weeks[0].week)),
      element("span", {}, weekName(weeks.at(-1).week)),
    ),
  );
}
