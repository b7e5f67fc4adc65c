/** The console's entry: finds out who is here, then shows the page that the address names. */

import { readAccount, signOut } from "./client/account.js";
import { applyBrand } from "./client/brand.js";
import { KEY_REFUSED } from "./client/http.js";
import { forgetKey, readCredential, takeKeyFromAddress } from "./client/session.js";
import { openAuditPage } from "./views/audit_page.js";
import { openBriefingPage } from "./views/briefing_page.js";
import { openCaptionerPage } from "./views/captioner_page.js";
import { openGroupPage } from "./views/group_page.js";
import { openInferredPage } from "./views/inferred_page.js";
import { openKeysPage } from "./views/keys_page.js";
import { openLessonPage } from "./views/lesson_page.js";
import { openLessonsPage } from "./views/lessons_page.js";
import { openPeoplePage } from "./views/people_page.js";
import { openPersonPage } from "./views/person_page.js";
import { openProgressPage } from "./views/progress_page.js";
import { openRecapPage } from "./views/recap_page.js";
import { openRecapsPage } from "./views/recaps_page.js";
import { openSignIn } from "./views/sign_in.js";
import { openSummaryPage } from "./views/summary_page.js";
import { openTenantPage } from "./views/tenant_page.js";
import { openWebhookPage } from "./views/webhook_page.js";
import { openWebhooksPage } from "./views/webhooks_page.js";

/** Each page by its address; what stands in the brackets goes to the page, in its order. */
const ROUTES = [
  [
    /^#\/lessons\/([\w-]+)(?:\/events\/(\d+))?$/,
    (moveFocus, id, sequence) => openLessonPage(root, id, moveFocus, Number(sequence ?? 0)),
  ],
  [
    /^#\/lessons\/([\w-]+)\/evidence\/([^/]+)$/,
    (moveFocus, id, cited) => openLessonPage(root, id, moveFocus, decodeURIComponent(cited)),
  ],
  [/^#\/lessons\/([\w-]+)\/summary$/, (moveFocus, id) => openSummaryPage(root, id, moveFocus)],
  [
    /^#\/lessons\/([\w-]+)\/briefing$/,
    (moveFocus, id) => openBriefingPage(root, id, moveFocus),
  ],
  [
    /^#\/lessons\/([\w-]+)\/captioner$/,
    (moveFocus, id) => openCaptionerPage(root, id, moveFocus),
  ],
  [/^#\/lessons\/([\w-]+)\/recaps$/, (moveFocus, id) => openRecapsPage(root, id, moveFocus)],
  [
    /^#\/lessons\/([\w-]+)\/recaps\/([\w-]+)$/,
    (moveFocus, id, who) => openRecapPage(root, id, who, moveFocus),
  ],
  [/^#\/lessons\/([\w-]+)\/group$/, (moveFocus, id) => openGroupPage(root, id, moveFocus)],
  [
    /^#\/lessons\/([\w-]+)\/about(?:-me|\/([\w-]+))$/,
    (moveFocus, id, learner) => openInferredPage(root, id, moveFocus, learner ?? null),
  ],
  [/^#\/learners\/([\w-]+)$/, (moveFocus, id) => openProgressPage(root, id, moveFocus)],
  [/^#\/people$/, (moveFocus) => openPeoplePage(root, moveFocus)],
  [/^#\/people\/([\w-]+)$/, (moveFocus, id) => openPersonPage(root, id, moveFocus)],
  [/^#\/webhooks$/, (moveFocus) => openWebhooksPage(root, moveFocus)],
  [/^#\/webhooks\/([\w-]+)$/, (moveFocus, id) => openWebhookPage(root, id, moveFocus)],
  [/^#\/keys$/, (moveFocus) => openKeysPage(root, moveFocus)],
  [
    /^#\/tenant(?:\/([\w-]+))?$/,
    (moveFocus, id) => openTenantPage(root, id ?? null, moveFocus),
  ],
  [/^#\/audit$/, (moveFocus) => openAuditPage(root, moveFocus)],
];

const root = document.getElementById("page");
const signOutButton = document.getElementById("sign-out");
/** Who is signed in by cookie; an API key goes before it. */
let account = { canSignIn: false, person: null };
let leave = () => {};

const isSignedIn = () => readCredential() !== null || account.person !== null;

/** @param {{refused?: boolean, moveFocus?: boolean}} [options] moveFocus: to the new page's heading */
function show({ refused = false, moveFocus = true } = {}) {
  leave();
  leave = () => {};
  takeKeyFromAddress();
  document.body.classList.toggle("signed-in", isSignedIn());
  signOutButton.title = account.person?.name ?? "";
  if (isSignedIn()) leave = openRoute(moveFocus);
  else openSignIn(root, { refused, canSignIn: account.canSignIn, onSignedIn: () => show() });
  if (moveFocus) root.querySelector("h1")?.focus({ preventScroll: true });
  scrollTo(0, 0);
}

/** A page that has just been loaded is read from its top, skip link first. */
async function begin() {
  takeKeyFromAddress();
  const asked = readCredential() === null ? readAccount() : account;
  [account] = await Promise.all([asked, applyBrand()]);
  show({ moveFocus: false });
}

function openRoute(moveFocus) {
  for (const [address, open] of ROUTES) {
    const found = address.exec(location.hash);
    if (found) return open(moveFocus, ...found.slice(1));
  }
  return openLessonsPage(root);
}

signOutButton.addEventListener("click", async () => {
  const { person } = account;
  account = { ...account, person: null };
  if (readCredential() === null && person !== null) await signOut();
  forgetKey();
  show();
});
addEventListener(KEY_REFUSED, () => {
  forgetKey();
  account = { ...account, person: null };
  show({ refused: true });
});
document.querySelector(".skip-link").addEventListener("click", (event) => {
  // The address's fragment names the page, so the skip link moves the focus without changing it.
  event.preventDefault();
  root.focus();
});
addEventListener("hashchange", () => show());
begin();
