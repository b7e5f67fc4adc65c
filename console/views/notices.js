/** Failures, empty states and questions, in the same look everywhere. */

import { explain } from "../client/http.js";
import { element } from "./element.js";

/**
 * @param {unknown} error @param {(() => void) | null} [retry]
 * @returns {HTMLElement} announced at once, with a way on where there is one
 */
export function failureNotice(error, retry = null) {
  return element(
    "div",
    { class: "notice notice-failure", role: "alert" },
    element("p", {}, explain(error)),
    retry && element("button", { type: "button", class: "button", onclick: retry }, "Try again"),
  );
}

/** @param {string} text */
export const loadingNotice = (text) => element("p", { class: "loading", role: "status" }, text);

/**
 * Runs an action for a button: disabled meanwhile, the failure shown in `place`.
 * @param {HTMLButtonElement} button @param {HTMLElement} place @param {() => Promise<void>} action
 */
export async function runFromButton(button, place, action) {
  button.disabled = true;
  place.replaceChildren();
  try {
    await action();
  } catch (error) {
    place.replaceChildren(failureNotice(error));
  } finally {
    button.disabled = false;
  }
}

/**
 * Asks before something that cannot be taken back.
 * @param {{title: string, text: string, confirm: string}} question
 * @returns {Promise<boolean>}
 */
export function ask({ title, text, confirm }) {
  const dialog = element(
    "dialog",
    { class: "dialog", "aria-labelledby": "question-title" },
    element("h2", { id: "question-title" }, title),
    element("p", {}, text),
    element(
      "div",
      { class: "dialog-actions" },
      element(
        "button",
        { type: "button", class: "button", onclick: () => dialog.close() },
        "Cancel",
      ),
      element(
        "button",
        { type: "button", class: "button button-danger", onclick: () => dialog.close("yes") },
        confirm,
      ),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}
