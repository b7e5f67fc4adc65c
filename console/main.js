/** The console's entry: takes the key from the address, then shows the page the address names. */

import { KEY_REFUSED } from "./client/http.js";
import { forgetKey, readKey, takeKeyFromAddress } from "./client/session.js";
import { openAuditPage } from "./views/audit_page.js";
import { openBriefingPage } from "./views/briefing_page.js";
import { openKeysPage } from "./views/keys_page.js";
import { openLessonPage } from "./views/lesson_page.js";
import { openLessonsPage } from "./views/lessons_page.js";
import { openPeoplePage } from "./views/people_page.js";
import { openPersonPage } from "./views/person_page.js";
import { openProgressPage } from "./views/progress_page.js";
import { openSignIn } from "./views/sign_in.js";
import { openTenantPage } from "./views/tenant_page.js";

/** Each page by its address; what stands in the brackets goes to the page, in its order. */
const ROUTES = [
  [
    /^#\/lessons\/([\w-]+)(?:\/events\/(\d+))?$/,
    (moveFocus, id, sequence) => openLessonPage(root, id, moveFocus, Number(sequence ?? 0)),
  ],
  [
    /^#\/lessons\/([\w-]+)\/briefing$/,
    (moveFocus, id) => openBriefingPage(root, id, moveFocus),
  ],
  [/^#\/learners\/([\w-]+)$/, (moveFocus, id) => openProgressPage(root, id, moveFocus)],
  [/^#\/people$/, (moveFocus) => openPeoplePage(root, moveFocus)],
  [/^#\/people\/([\w-]+)$/, (moveFocus, id) => openPersonPage(root, id, moveFocus)],
  [/^#\/keys$/, (moveFocus) => openKeysPage(root, moveFocus)],
  [
    /^#\/tenant(?:\/([\w-]+))?$/,
    (moveFocus, id) => openTenantPage(root, id ?? null, moveFocus),
  ],
  [/^#\/audit$/, (moveFocus) => openAuditPage(root, moveFocus)],
];

const root = document.getElementById("page");
const signOut = document.getElementById("sign-out");
let leave = () => {};

/** @param {{refused?: boolean, moveFocus?: boolean}} [options] moveFocus: to the new page's heading */
function show({ refused = false, moveFocus = true } = {}) {
  leave();
  leave = () => {};
  takeKeyFromAddress();
  signOut.hidden = readKey() === null;
  if (readKey() === null) openSignIn(root, { refused, onSignedIn: () => show() });
  else leave = openRoute(moveFocus);
  if (moveFocus) root.querySelector("h1")?.focus({ preventScroll: true });
  scrollTo(0, 0);
}

function openRoute(moveFocus) {
  for (const [address, open] of ROUTES) {
    const found = address.exec(location.hash);
    if (found) return open(moveFocus, ...found.slice(1));
  }
  return openLessonsPage(root);
}

signOut.addEventListener("click", () => {
  forgetKey();
  show();
});
addEventListener(KEY_REFUSED, () => {
  forgetKey();
  show({ refused: true });
});
document.querySelector(".skip-link").addEventListener("click", (event) => {
  // The address's fragment names the page, so the skip link moves the focus without changing it.
  event.preventDefault();
  root.focus();
});
addEventListener("hashchange", () => show());
// A page that has just been loaded is read from its top, skip link first.
show({ moveFocus: false });
