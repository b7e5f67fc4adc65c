/** What the user may do in a lesson, as far as the console can tell: the server decides. */

import { CAPTIONING_ROLES } from "./words.js";

/**
 * @param {{kind: string, id: string, roles: {role: string, course_id: string | null}[],
 *   scopes: string[] | null}} caller as GET /v1/me tells
 * @param {{course_id?: string | null, participants?: any[]}} lesson
 * @returns {boolean} whether they may type and correct captions
 */
export function mayCaption(caller, lesson) {
  if (caller.kind === "api_key") return hasScope(caller, "captions:write");
  const here = caller.roles.filter(
    ({ course_id: course }) => !course || course === lesson.course_id,
  );
  // A role of a captioner is held in a lesson; an assignment of it reaches none by itself.
  const assigned = here.some(({ role }) => role !== "captioner" && CAPTIONING_ROLES.includes(role));
  return assigned || ownPlaces(caller, lesson).length > 0;
}

/** Whether they may report what stood on their screen; a key may be limited to reading. */
export const mayReport = (caller) => hasScope(caller, "captions:write");

/** Whether they may ask for summaries and how far they are; a key may be limited to other things. */
export const mayReadSummary = (caller) => hasScope(caller, "records:read");

/** A key may be limited to some scopes, and nobody else has any. */
const hasScope = (caller, scope) =>
  caller.kind !== "api_key" || caller.scopes === null || caller.scopes.includes(scope);

/** The places of a person in a lesson from which captions may be typed. */
export const ownPlaces = (caller, lesson) =>
  (lesson.participants ?? []).filter(
    (one) => one.person_id === caller.id && CAPTIONING_ROLES.includes(one.role),
  );

/**
 * A function that says in words who an id of the record stands for.
 * @param {() => {id: string, person_id?: string, name: string}[]} participants
 */
export const namer = (participants) => (id) => {
  if (id === null) return "captions engine";
  const found = participants().find((one) => one.id === id || one.person_id === id);
  if (found) return found.name;
  return id?.startsWith("key_") || id?.startsWith("ten_") ? "the platform" : "somebody";
};

const TEACHING_ROLES = ["instructor", "teaching_assistant", "administrator"];

const rolesIn = (caller, lesson) => [
  ...caller.roles.filter(({ course_id: course }) => !course || course === lesson.course_id),
  ...(lesson.participants ?? []).filter(({ person_id: person }) => person === caller.id),
];

/** Whether they teach here, and so see what is inferred about the learners; a key sees all. */
export const mayTeach = (caller, lesson) =>
  caller.kind === "api_key" ||
  rolesIn(caller, lesson).some(({ role }) => TEACHING_ROLES.includes(role));

/** Whether they may see the group without its learners. */
export const maySeeGroup = (caller, lesson) =>
  mayTeach(caller, lesson) || rolesIn(caller, lesson).some(({ role }) => role === "observer");

/**
 * Ids of the places from which the caller teaches in a lesson: their own talk is told to nobody else.
 * A key that has not joined as one of them stands for the platform, and so for all.
 * @param {import("../client/session.js").Identity | null} identity as whom this tab has joined
 */
export function ownTeaching(caller, lesson, identity) {
  const teaching = (lesson.participants ?? []).filter(({ role }) => TEACHING_ROLES.includes(role));
  const own = teaching.filter((one) => [one.id, one.person_id].includes(caller.id));
  const joined = teaching.filter(({ id }) => id === identity?.participantId);
  const isKey = caller.kind === "api_key";
  return (isKey && joined.length === 0 ? teaching : [...own, ...joined]).map(({ id }) => id);
}

/** Ids of the learners of a lesson that the caller is: by their sign-in, or by their token. */
export const ownLearners = (caller, lesson) =>
  (lesson.participants ?? [])
    .filter((one) => one.role === "learner" && [one.id, one.person_id].includes(caller.id))
    .map(({ id }) => id);
