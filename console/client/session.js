/**
 * What this browser remembers: the API key (every tab), caption display choices (every tab),
 * and, per tab, who the user is in a lesson and which publication is theirs to take down.
 */

const KEY = "lectern.key";
const DISPLAY = "lectern.display";
const TRANSLATION = "lectern.translation";
const joinedName = (lessonId) => `lectern.joined.${lessonId}`;
const identityName = (lessonId) => `lectern.identity.${lessonId}`;

/**
 * Takes an API key out of `#key=lk_...` into storage and out of the address bar, so that it is
 * neither bookmarked nor shared with a copied address.
 */
export function takeKeyFromAddress() {
  const found = /^#key=(lk_[\w-]+)$/.exec(location.hash);
  if (!found) return;
  localStorage.setItem(KEY, found[1]);
  history.replaceState(null, "", `${location.pathname}${location.search}#/`);
}

/** @returns {string | null} the API key of this browser */
export const readKey = () => localStorage.getItem(KEY);

/** @param {string} key */
export const keepKey = (key) => localStorage.setItem(KEY, key);

export const forgetKey = () => localStorage.removeItem(KEY);

function readJson(storage, name) {
  const text = storage.getItem(name);
  return text === null ? null : JSON.parse(text);
}

/**
 * @typedef {{participantId: string, name: string, role: string}} Identity
 * @typedef {Identity & {location: string | null, camera: boolean, muted: boolean}} Joined
 */

/** @returns {Identity | null} who the user was last in this lesson, joined or not */
export const readIdentity = (lessonId) => readJson(sessionStorage, identityName(lessonId));

/** @param {string} lessonId @param {Identity} identity */
export const keepIdentity = (lessonId, identity) =>
  sessionStorage.setItem(identityName(lessonId), JSON.stringify(identity));

/** @returns {Joined | null} the publication this tab holds, kept so that a reload can resume it */
export const readJoined = (lessonId) => readJson(sessionStorage, joinedName(lessonId));

/** @param {string} lessonId @param {Joined} joined */
export const keepJoined = (lessonId, joined) =>
  sessionStorage.setItem(joinedName(lessonId), JSON.stringify(joined));

export const forgetJoined = (lessonId) => sessionStorage.removeItem(joinedName(lessonId));

/** @returns {string} code of the language in which translations are read; "" for none */
export const readTranslation = () => localStorage.getItem(TRANSLATION) ?? "";

/** @param {string} language */
export const keepTranslation = (language) => localStorage.setItem(TRANSLATION, language);

/** @typedef {{size: number, surface: "board" | "paper" | "contrast"}} Display */

/** @returns {Display} */
export const readDisplay = () => readJson(localStorage, DISPLAY) ?? { size: 2, surface: "board" };

/** @param {Display} display */
export const keepDisplay = (display) => localStorage.setItem(DISPLAY, JSON.stringify(display));
