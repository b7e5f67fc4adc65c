/** The API of what is inferred: a group without its learners, and what people say to it. */

import { lessonPath, postEvent } from "./api.js";
import { sendJson } from "./http.js";

/** Signals that one contest may name. */
const MOST_SIGNALS = 200;

/**
 * The group without its learners; what would be about too few of them is null.
 * @param {string} lessonId
 * @returns {Promise<{at_ms: number | null, smallest_group: number, learners: number | null, suppressed: boolean,
 *   states: Record<string, number> | null, context: string | null, tutor_talk_share: number | null,
 *   wait_time_ms_median: number | null, questions: number | null}>}
 */
export const getGroup = (lessonId) => sendJson("GET", `${lessonPath(lessonId)}/engagement/aggregate`);

const post = (lessonId, type, subject, data, token) =>
  postEvent(lessonId, { id: crypto.randomUUID(), type, subject, data }, token);

/**
 * @param {string} lessonId @param {import("../record/engagement.js").Nudge} nudge
 * @param {"helpful" | "wrong" | "dismissed"} answer
 */
export const answerNudge = (lessonId, { id, participantId }, answer) =>
  post(lessonId, "engagement.nudge_answered", participantId, { nudge_id: id, answer });

/**
 * Says as a learner that a state is wrong; until somebody who teaches has looked, it counts nowhere.
 * @param {string} lessonId @param {import("../record/engagement.js").Span} span
 * @param {string | null} remark @param {string} [token] of the learner
 */
export const contest = (lessonId, { participantId, signalIds }, remark, token) =>
  post(
    lessonId,
    "engagement.contested",
    participantId,
    { signal_ids: signalIds.slice(-MOST_SIGNALS), remark },
    token,
  );

/** @param {string} lessonId @param {import("../record/engagement.js").Contest} contest */
export const reviewContest = (lessonId, { id, participantId }, outcome, remark) =>
  post(lessonId, "engagement.reviewed", participantId, { contest_id: id, outcome, remark });
