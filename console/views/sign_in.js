/** The way in: an API key, and where to find one. */

import { listLessons } from "../client/api.js";
import { keepKey } from "../client/session.js";
import { element } from "./element.js";
import { failureNotice, runFromButton } from "./notices.js";

/**
 * @param {HTMLElement} root @param {{refused: boolean, onSignedIn: () => void}} options
 */
export function openSignIn(root, { refused, onSignedIn }) {
  const place = element("div");
  if (refused)
    place.append(
      failureNotice(
        new Error("This server does not know that key. Check that it was copied whole."),
      ),
    );
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
  const submit = element("button", { class: "button button-primary" }, "Open the console");
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
      form,
    ),
    specimen(),
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
