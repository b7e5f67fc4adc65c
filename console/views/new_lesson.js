/** The form for a new lesson, in a dialog. */

import { addParticipant, createLesson } from "../client/api.js";
import { keepIdentity } from "../client/session.js";
import { JOINING_ROLES, languageName, roleName } from "../record/words.js";
import { element } from "./element.js";
import { runFromButton } from "./notices.js";

const LANGUAGES = ["en", "de", "es", "fr", "it", "nl", "pl", "pt", "tr", "zh"];

/** @param {string} text comma or line separated @returns {string[]} */
export const vocabularyOf = (text) =>
  [...new Set(text.split(/[,\n]/).map((word) => word.trim()).filter(Boolean))];

/** @param {string} label @param {HTMLElement} control @param {string} [help] */
export function field(label, control, help) {
  const helpId = help && `${control.id}-help`;
  if (helpId) control.setAttribute("aria-describedby", helpId);
  return element(
    "div",
    { class: "field" },
    element("label", { for: control.id }, label),
    control,
    help && element("p", { id: helpId, class: "help" }, help),
  );
}

/** @param {string} id @param {[string, string][]} options value and label */
export const select = (id, options) =>
  element("select", { id }, ...options.map(([value, label]) => element("option", { value }, label)));

export const roleSelect = (id) => select(id, JOINING_ROLES.map((role) => [role, roleName(role)]));

/** @returns {HTMLDialogElement} open it with showModal() */
export function newLessonDialog() {
  const title = element("input", { id: "title", required: true, maxlength: "200", autocomplete: "off" });
  const language = select("language", LANGUAGES.map((code) => [code, languageName(code)]));
  const vocabulary = element("textarea", { id: "vocabulary", rows: "3" });
  const name = element("input", { id: "name", required: true, maxlength: "100", autocomplete: "name" });
  const role = roleSelect("role");
  const place = element("div");
  const submit = element("button", { class: "button button-primary" }, "Create lesson");
  const create = async () => {
    const lesson = await createLesson({
      title: title.value.trim(),
      language: language.value,
      vocabulary: vocabularyOf(vocabulary.value),
    });
    const person = await addParticipant(lesson.id, name.value.trim(), role.value);
    keepIdentity(lesson.id, { participantId: person.id, name: person.name, role: person.role });
    dialog.close();
    location.hash = `#/lessons/${lesson.id}`;
  };
  const form = element(
    "form",
    {
      onsubmit: (event) => {
        event.preventDefault();
        runFromButton(submit, place, create);
      },
    },
    field("Title", title),
    field("Language spoken", language),
    field(
      "Words of this lesson",
      vocabulary,
      "Names and terms the captions should know, separated by commas: denominator, Noether, pH.",
    ),
    element("div", { class: "field-pair" }, field("Your name", name), field("Your role", role)),
    place,
    element(
      "div",
      { class: "dialog-actions" },
      element("button", { type: "button", class: "button", onclick: () => dialog.close() }, "Cancel"),
      submit,
    ),
  );
  const dialog = element(
    "dialog",
    { class: "dialog", "aria-labelledby": "new-lesson-title" },
    element("h2", { id: "new-lesson-title" }, "New lesson"),
    form,
  );
  return dialog;
}
