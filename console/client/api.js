/** The public API, one function per call the console makes. */

import { ApiProblem, send, sendJson } from "./http.js";
import { readKey } from "./session.js";

/**
 * @typedef {{id: string, title: string, status: "scheduled" | "live" | "ended", language: string,
 *   created_at: string, started_at: string | null, ended_at: string | null, sample: boolean,
 *   vocabulary: string[], participants?: Participant[], tracks?: object[]}} Lesson
 * @typedef {{id: string, lesson_id: string, name: string, role: string}} Participant
 */

const EVENTS_PAGE = 500;

export const lessonPath = (lessonId) => `/v1/lessons/${encodeURIComponent(lessonId)}`;

/** @returns {Promise<{lessons: Lesson[], next: string | null}>} */
export function listLessons(before = null, limit = 30) {
  const query = new URLSearchParams({ limit: String(limit) });
  if (before) query.set("before", before);
  return sendJson("GET", `/v1/lessons?${query}`);
}

/** @returns {Promise<Lesson>} */
export const getLesson = (lessonId) => sendJson("GET", lessonPath(lessonId));

/** @param {{title: string, language: string, vocabulary: string[], consent_basis: string | null}} lesson @returns {Promise<Lesson>} */
export const createLesson = (lesson) => sendJson("POST", "/v1/lessons", { json: lesson });

/** @returns {Promise<Lesson>} idempotent: a live lesson stays live */
export const startLesson = (lessonId) => sendJson("POST", `${lessonPath(lessonId)}/start`);

/** @returns {Promise<Lesson>} */
export const endLesson = (lessonId) => sendJson("POST", `${lessonPath(lessonId)}/end`);

/** @returns {Promise<Participant>} */
export const addParticipant = (lessonId, name, role) =>
  sendJson("POST", `${lessonPath(lessonId)}/participants`, { json: { name, role } });

/** @returns {Promise<string>} a participant token, fresh for each publication */
export async function mintToken(lessonId, participantId) {
  const path = `${lessonPath(lessonId)}/participants/${encodeURIComponent(participantId)}/token`;
  return (await sendJson("POST", path, { json: {} })).token;
}

/** @returns {Promise<any>} what captions engine is loaded, why, and how accurate it measured */
export const getModels = () => sendJson("GET", "/v1/models");

/**
 * Plays the sample: this lesson if it can still be played, a fresh one if it has ended.
 * @param {Lesson} lesson
 * @returns {Promise<string>} id of the lesson that plays
 */
export async function playSample(lesson) {
  if (lesson.status === "live") return lesson.id;
  const playable = lesson.status === "ended" ? await sendJson("POST", "/v1/samples") : lesson;
  await send("POST", `${lessonPath(playable.id)}/play`);
  return playable.id;
}

/**
 * Posts one learning event as a participant; a refused item is thrown like any other refusal.
 * @param {string} lessonId @param {object} event @param {string} token
 */
export async function postEvent(lessonId, event, token) {
  const answer = await sendJson("POST", `${lessonPath(lessonId)}/events`, { json: event, token });
  const [result] = answer.results;
  if (result.status >= 400) throw new ApiProblem(result.status, result.problem ?? {});
}

/**
 * Every stored event after a sequence number, page by page.
 * @param {string} lessonId @param {number} after
 * @returns {AsyncGenerator<object[]>}
 */
export async function* readEvents(lessonId, after = 0) {
  for (let cursor = after; ;) {
    const query = new URLSearchParams({ after: String(cursor), limit: String(EVENTS_PAGE) });
    const page = await sendJson("GET", `${lessonPath(lessonId)}/events?${query}`);
    if (page.events.length === 0) return;
    yield page.events;
    cursor = page.next_after ?? page.events.at(-1).ledgersequence;
    if (page.events.length < EVENTS_PAGE) return;
  }
}

/** @returns {Promise<Blob>} the lesson's captions as vtt, srt, txt or json */
export async function downloadCaptions(lessonId, extension) {
  return (await send("GET", `${lessonPath(lessonId)}/captions.${extension}`)).blob();
}

/**
 * Uploads recordings, each of one participant. XMLHttpRequest, because fetch reports no upload progress.
 * @param {string} lessonId
 * @param {{file: File, participantId: string}[]} parts
 * @param {(fraction: number) => void} onProgress
 * @returns {Promise<{id: string, status: string, progress: number}>}
 */
export function uploadRecording(lessonId, parts, onProgress) {
  const form = new FormData();
  for (const part of parts) form.append("files", part.file);
  form.append("participants", JSON.stringify(parts.map((part) => part.participantId)));
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${lessonPath(lessonId)}/recordings`);
    request.setRequestHeader("authorization", `Bearer ${readKey()}`);
    request.responseType = "json";
    request.upload.onprogress = (sent) => onProgress(sent.loaded / sent.total);
    request.onerror = () => reject(new TypeError("upload failed"));
    request.onload = () => {
      if (request.status < 400) resolve(request.response);
      else reject(new ApiProblem(request.status, request.response ?? {}));
    };
    request.send(form);
  });
}
