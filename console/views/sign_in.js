/** The way in: a person's own sign-in where the organisation has one, or an API key. */

import { beginSignIn } from "../client/account.js";
import { listLessons } from "../client/api.js";
import { keepKey } from "../client/session.js";
import { element } from "./element.js";
import { failureNotice, runFromButton } from "./notices.js";

const FAILURES = {
  declined: "The sign-in was broken off. Try again when you are ready.",
  expired: "The sign-in took too long, or began in another browser. Try again.",
  provider: "Your organisation's sign-in answered something that cannot be used. Try again later.",
  not_set_up: "Sign-in is not set up for this organisation.",
  unknown_person: "Nobody here is known by that account. Ask your administrator to add you.",
};

/** Why a sign-in that has just come back failed; told once. @returns {string | null} */
function takeFailure() {
  const stage = new URLSearchParams(location.search).get("sign_in_failed");
  if (stage === null) return null;
  history.replaceState(null, "", location.pathname + location.hash);
  return FAILURES[stage] ?? FAILURES.provider;
}

/**
 * @param {HTMLElement} root
 * @param {{refused: boolean, canSignIn: boolean, onSignedIn: () => void}} options
 */
export function openSignIn(root, { refused, canSignIn, onSignedIn }) {
  const place = element("div");
  const failure = refused
    ? "This server does not know that key or sign-in any more. Check the key, or sign in again."
    : takeFailure();
  if (failure) place.append(failureNotice(new Error(failure)));
  const field = element("input", {
    id: "key",
    type: "password",
    autocomplete: "off",
    spellcheck: "false",
    placeholder: "lk_…",
    required: true,
    pattern: "\\s*lk_[\\w\\-]+\\s*",
    title: "An API key begins with lk_",
    "aria-describedby": "key-help",
  });
  const kind = canSignIn ? "button" : "button button-primary";
  const submit = element("button", { class: kind }, "Open the console");
  const signIn = async () => {
    keepKey(field.value.trim());
    await listLessons(null, 1);
    onSignedIn();
  };
  const form = element(
    "form",
    {
      class: "sign-in-form",
      onsubmit: (event) => {
        event.preventDefault();
        runFromButton(submit, place, signIn);
      },
    },
    element("label", { for: "key" }, "API key"),
    element("div", { class: "field-with-button" }, field, submit),
    element(
      "p",
      { id: "key-help", class: "help" },
      "The address that ",
      element("code", {}, "make run"),
      " or ",
      element("code", {}, "lectern up"),
      " prints at the end carries a key: open that address and you are in. The key alone stands in ",
      element("code", {}, ".lectern/api_key"),
      ". It stays in this browser until you sign out.",
    ),
  );
  root.replaceChildren(
    element(
      "section",
      { class: "sign-in" },
      element("h1", { tabindex: "-1" }, "Live lessons, in writing"),
      element(
        "p",
        { class: "lead" },
        "Captions for everyone who speaks, with their role beside their name, and every lesson as a record you can read, correct and download.",
      ),
      place,
      canSignIn && personSignIn(place),
      form,
    ),
    specimen(),
  );
}

function personSignIn(place) {
  const name = document.body.dataset.brand ?? "your organisation";
  const button = element(
    "button",
    {
      type: "button",
      class: "button button-primary",
      onclick: () => runFromButton(button, place, beginSignIn),
    },
    `Sign in with ${name}`,
  );
  return element(
    "div",
    { class: "person-sign-in" },
    button,
    element("p", { class: "help" }, "Or, for whoever runs this server:"),
  );
}

/** What captions look like here; decoration, so screen readers pass it over. */
function specimen() {
  const line = (...words) => element("p", { class: "cue-line" }, ...words);
  const cue = (hue, name, role, ...lines) =>
    element(
      "div",
      { class: `cue cue-hue-${hue}` },
      element(
        "p",
        { class: "cue-speaker" },
        element("span", { class: "cue-name" }, name),
        element("span", { class: "cue-role" }, role),
      ),
      ...lines,
    );
  const cues = element(
    "div",
    { class: "cues" },
    cue(0, "Tutor", "Instructor", line("What did you do first?")),
    cue(
      1,
      "Learner",
      "Learner",
      line("I added the tops and then"),
      line("I added ", element("span", { class: "unstable" }, "the bottoms")),
    ),
  );
  const board = element("div", { class: "board" }, cues);
  return element("div", { class: "captions specimen", "aria-hidden": "true" }, board);
}
