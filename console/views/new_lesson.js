/** The form for a new lesson, in a dialog. */

import { addParticipant, createLesson, getModels } from "../client/api.js";
import { keepIdentity } from "../client/session.js";
import { SPEAKING_ROLES, languageName, roleName } from "../record/words.js";
import { element } from "./element.js";
import { runFromButton } from "./notices.js";

/** What every engine understands; the rest is asked of the engine that is loaded. */
const COMMON_LANGUAGE = "en";

/** Offers what the loaded captions engine can transcribe. @param {HTMLSelectElement} language */
async function fillLanguages(language) {
  const { captions } = await getModels();
  const names = (captions.languages ?? [COMMON_LANGUAGE]).map((code) => [code, languageName(code)]);
  names.sort((one, other) => one[1].localeCompare(other[1]));
  const chosen = language.value;
  language.replaceChildren(...select("", names).children);
  language.value = chosen;
}

/** @param {string} text comma or line separated @returns {string[]} */
export const vocabularyOf = (text) => [
  ...new Set(
    text
      .split(/[,\n]/)
      .map((word) => word.trim())
      .filter(Boolean),
  ),
];

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
  element(
    "select",
    { id },
    ...options.map(([value, label]) => element("option", { value }, label)),
  );

export const roleSelect = (id) =>
  select(
    id,
    SPEAKING_ROLES.map((role) => [role, roleName(role)]),
  );

/** @returns {HTMLDialogElement} open it with showModal() */
export function newLessonDialog() {
  const title = element("input", {
    id: "title",
    required: true,
    maxlength: "200",
    autocomplete: "off",
  });
  const language = select("language", [[COMMON_LANGUAGE, languageName(COMMON_LANGUAGE)]]);
  const vocabulary = element("textarea", { id: "vocabulary", rows: "3" });
  const name = element("input", {
    id: "name",
    required: true,
    maxlength: "100",
    autocomplete: "name",
  });
  const role = roleSelect("role");
  const consent = element("input", { id: "consent", maxlength: "1000", autocomplete: "off" });
  const place = element("div");
  const submit = element("button", { class: "button button-primary" }, "Create lesson");
  const create = async () => {
    const lesson = await createLesson({
      title: title.value.trim(),
      language: language.value,
      vocabulary: vocabularyOf(vocabulary.value),
      consent_basis: consent.value.trim() || null,
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
    field("Consent basis", consent, "On what ground this lesson is captured, for its record."),
    element("div", { class: "field-pair" }, field("Your name", name), field("Your role", role)),
    place,
    element(
      "div",
      { class: "dialog-actions" },
      element(
        "button",
        { type: "button", class: "button", onclick: () => dialog.close() },
        "Cancel",
      ),
      submit,
    ),
  );
  const dialog = element(
    "dialog",
    { class: "dialog", "aria-labelledby": "new-lesson-title" },
    element("h2", { id: "new-lesson-title" }, "New lesson"),
    form,
  );
  // While the engine is still starting the form offers English alone.
  fillLanguages(language).catch(() => {});
  return dialog;
}
