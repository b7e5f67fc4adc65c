/** What a summary's page says, as plain data: sections, words, and what a sentence rests on. */

import { clock } from "./words.js";

/** The document's own lists, in the order of the page. */
export const SECTIONS = [
  ["reinforcement", "Needs reinforcement"],
  ["strong_moments", "Went well"],
  ["open_questions", "Open questions"],
  ["homework", "Homework"],
  ["next_plan", "Plan for the next lesson"],
  ["not_observed", "Not observed"],
];

export const SEGMENT_KINDS = {
  opening: "Opening",
  instruction: "Teaching",
  practice: "Practice",
  review: "Review",
  closing: "Closing",
  other: "Other",
};

export const MOMENTS = {
  hedge: "Answered in unsure words",
  repeated_error: "Wrong more than once at the same thing",
  help_seeking: "Asked for help",
  long_latency: "Took far longer than for other answers",
  contradicted_answer: "An answer that was put right",
};

export const HOW_ADDRESSED = {
  talked_about: "talked about",
  practised: "practised",
  marked: "marked as covered by who taught",
};

/** What a reader should know of a summary whose captions tell less than was said. */
export const HEARD = {
  partly:
    "Captions of part of the teaching are missing or were hard to hear: nothing is concluded from what was not heard.",
  badly:
    "Too many words were misheard to quote any of them: only answers, marks and the plan are told.",
};

const STAGES = { reading: "The lesson is being read", writing: "The summary is being written" };

const BY_ITSELF = "It is written soon after the end and appears here by itself.";

/** What is said while there is no summary: what holds, and what whoever reads it can do. */
export const ABSENT = {
  lesson_not_ended: {
    what: "The lesson has not ended, so it has no summary yet.",
    teacher: `${BY_ITSELF} Until then there are notes on the lesson's page.`,
    learner: BY_ITSELF,
  },
  waiting: {
    what: "The summary is not written yet.",
    teacher: "It comes soon after the end of a lesson and appears here by itself. A lesson of more than a week ago gets none any more.",
    learner: "It comes soon after the end of a lesson and appears here by itself.",
  },
  switched_off: {
    what: "Summaries are switched off here.",
    teacher: "An administrator switches them on: features.summaries in the settings of the organisation. Then this lesson gets one at its next news, such as a caption put right, within a week of its end.",
    learner: "Lessons here get none. What was said is in the transcript.",
  },
  failed: {
    what: "The last attempt to write the summary failed.",
    teacher: "It is tried again at the next news of the lesson: putting a caption right does it. If that fails too, the log of the jobs process says why.",
    learner: "Whoever taught the lesson can have it tried again. What was said is in the transcript.",
  },
};

/** States after which something may still come by itself. */
export const UNSETTLED = ["lesson_not_ended", "waiting", "writing"];

/** @param {import("../client/summary_api.js").Progress} progress */
export const stageWords = ({ stage }) => STAGES[stage] ?? STAGES.writing;

/** "3:05", or "3:05 to 3:40". @param {{start_ms: number, end_ms: number}} span */
export function spanWords({ start_ms: start, end_ms: end }) {
  const [from, to] = [clock(start), clock(end)];
  return from === to ? from : `${from} to ${to}`;
}

/** @param {number} milliseconds as "under a minute" or "12 min" */
export function minutesWords(milliseconds) {
  const minutes = Math.round(milliseconds / 60_000);
  return minutes < 1 ? "under a minute" : `${minutes}\u00a0min`;
}

/** Ids that citations name, each once, captions apart from other events. */
export const citedIds = (citations) => ({
  captions: [...new Set(citations.flatMap((one) => one.caption_ids))],
  events: [...new Set(citations.flatMap((one) => one.event_ids))],
});

/**
 * A sentence as it is stored: people stand in it by id, so that their names go with them.
 * @param {string} text @param {{id: string, name: string}[]} people
 */
export function withMentions(text, people) {
  const longestFirst = [...people].sort((one, other) => other.name.length - one.name.length);
  const known = new Map(longestFirst.map(({ id, name }) => [name, `{${id}}`]));
  if (known.size === 0) return text;
  const names = [...known.keys()].map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const anyName = new RegExp(`(?<![\\p{L}\\d])(?:${names.join("|")})(?![\\p{L}\\d])`, "gu");
  return text.replace(anyName, (name) => known.get(name));
}

/** The address of what a sentence cites, on the page of its lesson. */
export const evidenceAddress = (lessonId, id) =>
  `#/lessons/${lessonId}/evidence/${encodeURIComponent(id)}`;
