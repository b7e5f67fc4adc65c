/** Times, roles and event types as people read them. */

const ROLES = {
  instructor: "Instructor",
  teaching_assistant: "Teaching assistant",
  learner: "Learner",
  observer: "Observer",
  captioner: "Captioner",
  administrator: "Administrator",
  institutional_client: "Institution",
  guardian: "Guardian",
};

/** Roles that speak in a lesson; the others watch and read. */
export const SPEAKING_ROLES = ["instructor", "teaching_assistant", "learner", "administrator"];

/** Roles that may type and correct captions; an API key may too. */
export const CAPTIONING_ROLES = [
  "captioner",
  "teaching_assistant",
  "instructor",
  "administrator",
];

/** @param {string} role */
export const roleName = (role) => ROLES[role] ?? role.replaceAll("_", " ");

/** Lesson clock as m:ss or h:mm:ss. @param {number} milliseconds */
export function clock(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (value) => String(value).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** @param {number} milliseconds as "1.2 s" */
export const secondsOf = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;

/** @param {string} iso @returns {string} "Today, 14:05" or "12 Nov 2026, 14:05" */
export function moment(iso) {
  const date = new Date(iso);
  const time = date.toLocaleTimeString(undefined, { hour: "numeric", minute: "2-digit" });
  if (date.toDateString() === new Date().toDateString()) return `Today, ${time}`;
  const day = { day: "numeric", month: "short", year: "numeric" };
  return `${date.toLocaleDateString(undefined, day)}, ${time}`;
}

/** @param {string} code BCP 47 @returns {string} its name, or the code itself where unknown */
export function languageName(code) {
  const names = new Intl.DisplayNames(undefined, { type: "language", fallback: "code" });
  return names.of(code) ?? code;
}

/** @param {number} count @param {string} noun */
export const counted = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;
