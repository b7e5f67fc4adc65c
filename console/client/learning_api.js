/** The public API's learner's record: progress, evidence, homework and briefings. */

import { send, sendJson } from "./http.js";

/**
 * @typedef {{lesson_id: string, event_id: string, sequence: number, kind: string,
 *   outcome: number | null, detail: string | null, occurred_at: string}} Evidence
 * @typedef {{id: string, code: string, statement: string}} ObjectiveName
 * @typedef {{estimate: number, low: number, high: number}} Mastery
 * @typedef {{kind: string, text: string, evidence: Evidence[]}} Reason
 */

const learnerPath = (learnerId) => `/v1/learners/${encodeURIComponent(learnerId)}`;

/** @returns {Promise<any>} see `Progress` in the API reference */
export function getProgress(learnerId, weeks, after = null) {
  const query = new URLSearchParams({ weeks: String(weeks) });
  if (after) query.set("after", after);
  return sendJson("GET", `${learnerPath(learnerId)}/progress?${query}`);
}

/** @returns {Promise<Blob>} the same as a document in the organisation's brand */
export async function downloadProgress(learnerId, weeks) {
  return (await send("GET", `${learnerPath(learnerId)}/progress.pdf?weeks=${weeks}`)).blob();
}

/** @returns {Promise<{evidence: Evidence[], next: string | null}>} */
export function listEvidence(learnerId, objectiveId, before = null) {
  const query = new URLSearchParams({ limit: "50" });
  if (before) query.set("before", before);
  const objective = encodeURIComponent(objectiveId);
  return sendJson("GET", `${learnerPath(learnerId)}/objectives/${objective}/evidence?${query}`);
}

/** @returns {Promise<any>} see `Briefing` in the API reference */
export const getBriefing = (lessonId) =>
  sendJson("GET", `/v1/lessons/${encodeURIComponent(lessonId)}/briefing`);
