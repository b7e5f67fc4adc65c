/** The public API's guardian recaps: what is told about one child, and who decides on it. */

import { send, sendJson } from "./http.js";

/**
 * @typedef {{text: string, claim_ids: string[]}} RecapLine
 * @typedef {Record<"did" | "went_well" | "practise" | "activities" | "homework", RecapLine[]>} RecapContent
 * @typedef {{lesson_id: string, participant_id: string, child: string, version: number,
 *   status: "draft" | "approved" | "held", content: RecapContent, names: Record<string, string>,
 *   reading_grade: number, target_grade: number, is_permitted: boolean, held_reason: string | null,
 *   remark: string | null, decided_at: string | null, ai_label: {sentence: string},
 *   receipts: {guardian_id: string, recap_version: number, outcome: string, at: string}[]}} Recap
 */

const lessonPath = (lessonId) => `/v1/lessons/${encodeURIComponent(lessonId)}/recaps`;
const recapPath = (lessonId, participantId) =>
  `${lessonPath(lessonId)}/${encodeURIComponent(participantId)}`;

/** @returns {Promise<{recaps: Recap[], without: string[]}>} */
export const listRecaps = (lessonId) => sendJson("GET", lessonPath(lessonId));

/** @returns {Promise<Recap>} a draft again, to be approved */
export const editRecap = ({ lesson_id: lessonId, participant_id: who, version }, content) =>
  sendJson("PUT", recapPath(lessonId, who), { json: { version, content } });

/** @returns {Promise<Recap>} */
export const approveRecap = ({ lesson_id: lessonId, participant_id: who, version }) =>
  sendJson("POST", `${recapPath(lessonId, who)}/approve`, { json: { version } });

/** @returns {Promise<Recap>} */
export const holdRecap = ({ lesson_id: lessonId, participant_id: who, version }, remark) =>
  sendJson("POST", `${recapPath(lessonId, who)}/hold`, { json: { version, remark } });

/** @returns {Promise<any>} see `RecapPageView` in the API reference */
export const getRecapPage = (lessonId, participantId) =>
  sendJson("GET", `${recapPath(lessonId, participantId)}/page`);

/** @returns {Promise<Blob>} the same as an HTML file in the organisation's brand */
export const downloadRecapPage = async (lessonId, participantId) =>
  (await send("GET", `${recapPath(lessonId, participantId)}/page.html`)).blob();
