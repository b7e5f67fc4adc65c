/** The public API's summary of a lesson: what it says, how far it is, and putting it right. */

import { lessonPath } from "./api.js";
import { sendJson } from "./http.js";

/**
 * @typedef {{caption_ids: string[], event_ids: string[], start_ms: number, end_ms: number}} Citation
 * @typedef {{claim_id: string, text: string, kind: string, subject: string | null,
 *   citations: Citation[], objective_id: string | null, status: "grounded" | "marked",
 *   reason: string | null, corrected_by: string | null}} Claim
 * @typedef {{state: string, version: number | null, stage: string | null, share: number | null}} Progress
 */

const summaryPath = (lessonId) => `${lessonPath(lessonId)}/summary`;

/** @returns {Promise<any>} see `LessonSummary` in the API reference */
export const getSummary = (lessonId) => sendJson("GET", summaryPath(lessonId));

/** @returns {Promise<Progress>} */
export const getSummaryProgress = (lessonId) =>
  sendJson("GET", `${summaryPath(lessonId)}/progress`);

/**
 * @param {string} lessonId
 * @param {{claim_id: string, text?: string, removed?: boolean, remark?: string}} correction
 * @returns {Promise<any>} the event `summary.corrected`
 */
export const correctSummary = (lessonId, correction) =>
  sendJson("POST", `${summaryPath(lessonId)}/corrections`, { json: correction });

/** @returns {Promise<{captions: any[]}>} the lesson's captions as they stand */
export const getCaptions = (lessonId) => sendJson("GET", `${lessonPath(lessonId)}/captions.json`);
