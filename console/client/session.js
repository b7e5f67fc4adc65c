/**
 * What this browser remembers: the API key (every tab), caption display choices (every tab),
 * and, per tab, a participant's token, who the user is in a lesson and which publication is theirs
 * to take down.
 */

const KEY = "lectern.key";
const TOKEN = "lectern.token";
const DISPLAY = "lectern.display";
const TRANSLATION = "lectern.translation";
const joinedName = (lessonId) => `lectern.joined.${lessonId}`;
const identityName = (lessonId) => `lectern.identity.${lessonId}`;

/**
 * Takes an API key out of `#key=lk_...` into storage and out of the address bar, so that it is
 * neither bookmarked nor shared with a copied address. A participant's token, `#token=...`, is this
 * tab's alone; it leads to that participant's page of their lesson.
 */
export function takeKeyFromAddress() {
  const found = /^#(?:key=(lk_[\w-]+)|token=([\w-]+\.([\w-]+)\.[\w-]+))$/.exec(location.hash);
  if (!found) return;
  const [, key, token, claims] = found;
  if (key) {
    localStorage.setItem(KEY, key);
    sessionStorage.removeItem(TOKEN);
  } else sessionStorage.setItem(TOKEN, token);
  const page = key ? "" : pageOf(claims);
  history.replaceState(null, "", `${location.pathname}${location.search}#/${page}`);
}

/** What a learner and an observer come for; everybody else comes for the lesson. */
const OWN_PAGES = { learner: "/about-me", observer: "/group" };

/** @param {string} claims of a token (RFC 7519) @returns {string} the page that its bearer wants */
function pageOf(claims) {
  try {
    const { lesson, role } = JSON.parse(atob(claims.replaceAll("-", "+").replaceAll("_", "/")));
    return lesson ? `lessons/${lesson}${OWN_PAGES[role] ?? ""}` : "";
  } catch {
    return "";
  }
}

/** @returns {string | null} the API key of this browser */
export const readKey = () => localStorage.getItem(KEY);

/** @returns {string | null} what this tab asks with: a participant's token before the key */
export const readCredential = () => sessionStorage.getItem(TOKEN) ?? readKey();

/** @param {string} key */
export const keepKey = (key) => localStorage.setItem(KEY, key);

/** A tab that asks with a token of its own forgets that, and no other tab's key. */
export function forgetKey() {
  if (sessionStorage.getItem(TOKEN) === null) localStorage.removeItem(KEY);
  sessionStorage.removeItem(TOKEN);
}

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
