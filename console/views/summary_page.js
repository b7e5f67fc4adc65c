/** A lesson's summary: what was taught, how learners responded, what comes next, and its evidence. */

import { getLesson } from "../client/api.js";
import { pause } from "../client/backoff.js";
import { getCaller } from "../client/captions_api.js";
import { ApiProblem } from "../client/http.js";
import { getSummary, getSummaryProgress } from "../client/summary_api.js";
import { mayTeach, namer, ownLearners } from "../record/standing.js";
import { HEARD, HOW_ADDRESSED, SECTIONS, UNSETTLED, minutesWords } from "../record/summary.js";
import { counted } from "../record/words.js";
import { captionsOnce, createCitations } from "./citations.js";
import { element } from "./element.js";
import { GENERATED, tellMachines } from "./machine_made.js";
import { openPage, panel } from "./page.js";
import { reflectionPanel } from "./reflection.js";
import { segmentParts } from "./segment_line.js";
import { claimList } from "./summary_claim.js";
import { learnersPanel } from "./summary_learners.js";
import { createProgressNotice } from "./summary_state.js";

const ASK_AGAIN_MS = 2_000;

/** @param {HTMLElement} root @param {string} lessonId @param {boolean} moveFocus */
export function openSummaryPage(root, lessonId, moveFocus) {
  const back = element("a", { class: "button", href: `#/lessons/${lessonId}` }, "Open the lesson");
  const page = { title: "Summary", loading: "Reading the summary…", actions: [back] };
  const open = (focus) =>
    openPage(root, { ...page, moveFocus: focus }, async (signal, setTitle) => {
      const asked = [getLesson(lessonId), getCaller(), getSummaryProgress(lessonId)];
      const [lesson, caller, progress] = await Promise.all(asked);
      const summary = await standing(lessonId);
      if (signal.aborted) return [];
      setTitle(`Summary: ${lesson.title}`);
      tellMachines(summary && GENERATED);
      const notice = createProgressNotice();
      const show = (newest) => notice.show(newest, mayTeach(caller, lesson), summary !== null);
      show(progress);
      if (UNSETTLED.includes(progress.state)) waitForNews(lessonId, signal, show, again);
      return [notice.node, ...(summary ? content(summary, lesson, caller) : [])];
    });
  let leave = open(moveFocus);
  function again() {
    leave();
    leave = open(false);
  }
  return () => {
    tellMachines(null);
    leave();
  };
}

/** @returns {Promise<any>} the summary as it stands; null where there is none now */
async function standing(lessonId) {
  try {
    return await getSummary(lessonId);
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404) return null;
    throw error;
  }
}

/** Asks until another version stands, or until none is to be expected. */
async function waitForNews(lessonId, signal, show, onNews) {
  for (;;) {
    await pause(ASK_AGAIN_MS, signal);
    const progress = signal.aborted ? null : await getSummaryProgress(lessonId).catch(() => null);
    if (signal.aborted) return;
    if (progress === null) continue;
    if (!UNSETTLED.includes(progress.state)) return onNews();
    show(progress);
  }
}

function content(summary, lesson, caller) {
  const people = lesson.participants ?? [];
  const nameOf = namer(() => people);
  const reading = {
    lessonId: lesson.id,
    people,
    nameOf,
    mayCorrect: mayTeach(caller, lesson),
    captions: captionsOnce(lesson.id),
  };
  const main = [
    panel("What was taught", ...segmentParts(summary, reading)),
    learnersPanel(summary.learners, ownLearners(caller, lesson), reading),
    ...summary.reflections.map((one) =>
      reflectionPanel(one, `Reflection: ${nameOf(one.participant_id)}`, nameOf),
    ),
  ];
  const side = [
    objectivesPanel(summary, reading),
    ...SECTIONS.filter(([name]) => summary[name].length > 0).map(([name, title]) =>
      panel(title, claimList(summary[name], reading)),
    ),
    aboutPanel(summary),
  ];
  return [
    aiLabel(lesson.id, reading.mayCorrect),
    HEARD[summary.heard] && element("p", { class: "notice", role: "note" }, HEARD[summary.heard]),
    element(
      "div",
      { class: "briefing-layout" },
      element("div", { class: "briefing-main" }, ...main),
      element("div", { class: "briefing-side" }, ...side),
    ),
  ];
}

const aiLabel = (lessonId, teaches) =>
  element(
    "p",
    { class: "page-lead" },
    "A computer program (AI) wrote this summary from the lesson's record. ",
    "Under each sentence stands what shows it; what it is unsure of is marked as to be checked. ",
    teaches && element("a", { href: `#/lessons/${lessonId}/recaps` }, "Recaps for guardians"),
  );

function objectivesPanel({ objectives, objective_claims: claims }, reading) {
  const known = new Set(objectives.map((one) => one.objective_id));
  const others = claims.filter((claim) => !known.has(claim.objective_id));
  const rows = objectives.map((one) => objectiveRow(one, claims, reading));
  return panel(
    "Objectives",
    rows.length + others.length === 0 &&
      element("p", { class: "help" }, "None that the lesson is known to have addressed."),
    rows.length > 0 && element("ul", { class: "claims" }, ...rows),
    others.length > 0 && claimList(others, reading),
  );
}

function objectiveRow(one, claims, reading) {
  const own = claims.filter((claim) => claim.objective_id === one.objective_id);
  const facts = [one.time_spent_ms > 0 && minutesWords(one.time_spent_ms), HOW_ADDRESSED[one.how]];
  return element(
    "li",
    { class: "summary-objective" },
    element("p", { class: "reinforce-objective" }, one.title),
    element("p", { class: "help" }, facts.filter(Boolean).join(" · ")),
    own.length > 0
      ? claimList(own, reading)
      : createCitations(reading.lessonId, one.citations, reading.captions),
  );
}

function aboutPanel({ version, writer, writer_version: written, models, dropped_claims: dropped }) {
  const read = Object.entries(models).map(([name, one]) => `${name} ${one}`);
  return element(
    "details",
    { class: "panel panel-fold" },
    element("summary", {}, element("h2", {}, "How it was made")),
    element(
      "p",
      { class: "help summary-models" },
      `Version ${version}, by the writer ${writer} ${written}. `,
      dropped > 0 && `${counted(dropped, "sentence")} left out: the record did not support them. `,
      read.length > 0 && `Read with: ${read.join(", ")}.`,
    ),
  );
}
