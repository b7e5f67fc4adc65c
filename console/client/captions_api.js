/** The API of captions made or put right by people, and of how captions serve their readers. */

import { lessonPath } from "./api.js";
import { send, sendJson } from "./http.js";

/** @returns {Promise<{kind: string, id: string, name: string | null, roles: any[], scopes: string[] | null}>} */
export const getCaller = () => sendJson("GET", "/v1/me");

/**
 * Corrects one revision of a caption; 409 where somebody else was faster.
 * @param {string} lessonId @param {string} captionId
 * @param {{text: string, revision: number}} correction @param {string} [token]
 */
export const correctCaption = (lessonId, captionId, correction, token) =>
  sendJson(
    "POST",
    `${lessonPath(lessonId)}/captions/${encodeURIComponent(captionId)}/corrections`,
    { json: correction, token },
  );

/**
 * What a caption says with nothing masked; the disclosure log has who read it.
 * @param {string} lessonId @param {string} captionId
 * @returns {Promise<{text: string, revision: number}>}
 */
export const getUnmasked = (lessonId, captionId) =>
  sendJson("GET", `${lessonPath(lessonId)}/captions/${encodeURIComponent(captionId)}/unmasked`);

/**
 * Sends a typed caption; sent again under its id it is stored once.
 * @param {string} lessonId
 * @param {{id: string, text: string, participant_id: string | null, start_ms: number | null}} caption
 * @param {string} token
 */
export const typeCaption = (lessonId, caption, token) =>
  sendJson("POST", `${lessonPath(lessonId)}/captions`, { json: caption, token });

/** @param {string} lessonId @param {string} participantId @param {string} [token] */
export const takeOver = (lessonId, participantId, token) =>
  sendJson("PUT", `${lessonPath(lessonId)}/captioner`, {
    json: { participant_id: participantId },
    token,
  });

/** @param {string} lessonId @param {string} [token] */
export const handBack = (lessonId, token) =>
  send("DELETE", `${lessonPath(lessonId)}/captioner`, { token });

/** @returns {Promise<any>} the lesson's accessibility record */
export const getAccessibility = (lessonId) =>
  sendJson("GET", `${lessonPath(lessonId)}/accessibility`);

/** @returns {Promise<{now_ms: number}>} the lesson clock, when the report arrived */
export const reportDisplay = (lessonId, report) =>
  sendJson("POST", `${lessonPath(lessonId)}/accessibility/display`, { json: report });
