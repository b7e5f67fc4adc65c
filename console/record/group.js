/** A group of learners at a glance, and what it is worth a quiet word: from the record alone. Pure. */

import { newestSpan, stands } from "./engagement.js";

/** A state is told again every 30 s while it holds; later than this, something is amiss. */
export const STALE_AFTER_MS = 45_000;
/** Three seconds of waiting bring longer answers, and from more learners (Rowe 1986). */
const SHORT_WAIT_MS = 3_000;
/** A median of fewer questions says little. */
const FEWEST_QUESTIONS = 3;
/** Whom nobody has heard for so long is worth a quiet word. */
export const NOT_HEARD_MS = 5 * 60_000;

/** In the order in which the strip has them; no state is better than another. */
export const STATES = [
  "participating",
  "working",
  "reading_or_thinking",
  "struggling_productively",
  "stuck",
  "drifting",
  "tab_hidden",
  "away",
  "unknown",
];

/**
 * @typedef {"fresh" | "stale" | "waiting" | "withdrawn" | "contested"} Standing waiting: no signal yet
 * @typedef {{id: string, name: string, state: string, standing: Standing,
 *   span: import("./engagement.js").Span | null, handRaised: boolean}} Tile
 */

/**
 * @param {import("./record.js").LessonRecord} record @param {string} id @param {number} nowMs
 * @returns {Standing} how far what is shown of a learner can be relied on
 */
function standingOf({ engagement, status }, id, nowMs) {
  if (engagement.withdrawn.has(id)) return "withdrawn";
  const span = newestSpan(engagement, id);
  if (span === null) return "waiting";
  if (status === "live" && nowMs - span.toldMs > STALE_AFTER_MS) return "stale";
  return stands(engagement, span) ? "fresh" : "contested";
}

/** The state that may be shown: nothing is said where nothing holds. */
const shownState = (standing, span) =>
  standing === "fresh" || standing === "contested" ? span.state : "unknown";

/**
 * Learners by name, wherever they stand: a tile never moves because of what it says.
 * @param {import("./record.js").LessonRecord} record
 * @param {import("../client/api.js").Participant[]} expected who was added to the lesson
 * @param {number} nowMs on the lesson clock @returns {Tile[]}
 */
export function tilesOf(record, expected, nowMs) {
  const added = expected.filter(({ role }) => role === "learner");
  const names = new Map(added.map(({ id, name }) => [id, name]));
  for (const { id, name, role } of record.people.values()) {
    if (role === "learner" && name) names.set(id, names.get(id) ?? name);
  }
  const tiles = [...names]
    .filter(([id]) => record.people.has(id) || record.engagement.spans.has(id))
    .map(([id, name]) => {
      const standing = standingOf(record, id, nowMs);
      const span = standing === "withdrawn" ? null : newestSpan(record.engagement, id);
      const handRaised = record.people.get(id)?.handRaised ?? false;
      return { id, name, standing, span, handRaised, state: shownState(standing, span) };
    });
  return tiles.sort((one, other) => one.name.localeCompare(other.name) || (one.id < other.id ? -1 : 1));
}

/**
 * How many learners each state holds for, without those of whom nothing holds.
 * @param {Tile[]} tiles @returns {[string, number][]} states that somebody is in
 */
export function countsOf(tiles) {
  const counted = tiles.filter(({ standing }) => standing === "fresh");
  return STATES.map((state) => [state, counted.filter((tile) => tile.state === state).length]).filter(
    ([, count]) => count > 0,
  );
}

/**
 * What the lesson is doing, as the newest signal has it.
 * @param {Tile[]} tiles @returns {string} a context; "unknown" where there is none
 */
export function contextOf(tiles) {
  const spans = tiles.filter(({ standing }) => standing === "fresh").map(({ span }) => span);
  const newest = spans.reduce((one, other) => (one && one.toldMs >= other.toldMs ? one : other), null);
  return newest?.context ?? "unknown";
}

/** Those who ask for help come first: teachers drift to the idle (EDM 2025). */
const URGENCY = ["stuck", "drifting", "away", "not_heard"];
const MATCHING = { stuck: ["stuck"], drifting: ["drifting", "tab_hidden"], away: ["away"] };

function stillHolds({ engagement, status }, nudge) {
  if (status !== "live" || engagement.withdrawn.has(nudge.participantId)) return false;
  if (!(nudge.reason in MATCHING)) return true;
  const span = newestSpan(engagement, nudge.participantId);
  return MATCHING[nudge.reason].includes(span?.state) && stands(engagement, span);
}

/**
 * Nudges that wait for the reader, and those that are over: answered, or no longer so.
 * @param {import("./record.js").LessonRecord} record
 * @returns {{open: import("./engagement.js").Nudge[], earlier: import("./engagement.js").Nudge[]}}
 */
export function nudgesOf(record) {
  const all = [...record.engagement.nudges.values()];
  const open = all.filter((nudge) => nudge.answer === null && stillHolds(record, nudge));
  const rank = ({ reason, atMs }) => URGENCY.indexOf(reason) * 1e9 + atMs;
  return {
    open: open.sort((one, other) => rank(one) - rank(other)),
    earlier: all.filter((nudge) => !open.includes(nudge)).reverse(),
  };
}

/** @param {import("./record.js").LessonRecord} record contests that nobody has reviewed */
export const openContests = ({ engagement }) =>
  [...engagement.contests.values()].filter(({ outcome }) => outcome === null);

/**
 * @typedef {{question: import("./engagement.js").Question | null, medianWaitMs: number | null,
 *   waitsAreShort: boolean, tutorShare: number | null, notHeard: string[]}} Hints notHeard: ids
 */

/** @param {import("./record.js").LessonRecord} record @returns {Hints} */
export function hintsOf({ engagement }) {
  const { participation, questions } = engagement;
  const waits = questions.map(({ waitMs }) => waitMs).filter((wait) => wait !== null);
  const sorted = waits.sort((one, other) => one - other);
  const median = sorted.length === 0 ? null : sorted[Math.floor((sorted.length - 1) / 2)];
  const notHeard = Object.entries(participation?.not_heard_ms ?? {});
  return {
    question: questions.at(-1) ?? null,
    medianWaitMs: median,
    waitsAreShort: sorted.length >= FEWEST_QUESTIONS && median < SHORT_WAIT_MS,
    tutorShare: participation?.tutor_talk_share ?? null,
    notHeard: notHeard.filter(([, quietMs]) => quietMs >= NOT_HEARD_MS).map(([id]) => id),
  };
}
