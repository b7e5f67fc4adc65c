/** What a person has agreed to, purpose by purpose, given and taken back at any moment. */

import { grantConsent, listConsents, revokeConsent } from "../client/administration_api.js";
import { moment } from "../record/words.js";
import { action, openForm } from "./administration.js";
import { element } from "./element.js";
import { field, select } from "./new_lesson.js";
import { ask, runFromButton } from "./notices.js";
import { panel } from "./page.js";
import { pagedTable, recordRow } from "./table.js";

const PURPOSES = {
  audio: "Microphone",
  video: "Camera",
  captions: "Captions that are kept",
  signals: "Signals about participation",
  camera_signals: "Numbers from the camera",
  activity: "Attention and activity counts",
  recording: "Uploaded recordings",
  sharing: "Webhooks to other systems",
};
const BASES = [
  ["own", "The person's own"],
  ["guardian", "A guardian's"],
  ["school_contract", "The school's contract"],
];

/** @param {any} person @param {() => void} reload @returns {Promise<HTMLElement>} */
export async function consentPanel(person, reload) {
  const place = element("div");
  const grant = action("Record consent", () => openConsent(person, reload), "button-small");
  const decisions = await pagedTable(
    {
      caption: "Decisions on consent, newest first",
      heads: ["Purpose", "Decision", "Where", "By", "When"],
      empty: ["No decisions.", "What nobody has decided follows the rules of the organisation."],
    },
    (before) => listConsents(person.id, before),
    consentRow,
  );
  const withdraw = element(
    "select",
    { id: "withdraw", "aria-label": "Purpose to take back" },
    ...Object.entries(PURPOSES).map(([value, label]) => element("option", { value }, label)),
  );
  const revoke = action("Take back", () => takeBack(person, withdraw.value, revoke, place, reload));
  return panel(
    "Consent",
    decisions,
    place,
    element("div", { class: "page-controls consent-controls" }, grant, withdraw, revoke),
  );
}

async function takeBack(person, purpose, button, place, reload) {
  const sure = await ask({
    title: `Take back consent: ${PURPOSES[purpose]}?`,
    text: "In every live lesson that track stops at once, and nothing more is captured for it.",
    confirm: "Take back",
  });
  if (!sure) return;
  runFromButton(button, place, async () => {
    await revokeConsent(person.id, purpose);
    reload();
  });
}

const consentRow = (decision) =>
  recordRow(
    element("span", { class: "record-name" }, PURPOSES[decision.purpose] ?? decision.purpose),
    decision.granted
      ? element("span", { class: "verdict verdict-good" }, "Given")
      : element("span", { class: "verdict verdict-bad" }, "Refused"),
    decision.lesson_id
      ? element("a", { href: `#/lessons/${decision.lesson_id}` }, "One lesson")
      : "All lessons",
    element(
      "div",
      {},
      BASES.find(([basis]) => basis === decision.basis)?.[1] ?? "–",
      element("span", { class: "record-detail record-id" }, decision.decided_by),
    ),
    moment(decision.decided_at),
  );

function openConsent(person, reload) {
  const basis = select("consent-basis", BASES);
  const purposes = element(
    "div",
    { class: "check-list" },
    ...Object.entries(PURPOSES).map(([value, label]) =>
      element(
        "label",
        { class: "check" },
        element("input", { type: "checkbox", value }),
        label,
      ),
    ),
  );
  openForm({
    title: `Consent for ${person.name}`,
    confirm: "Record consent",
    fields: [
      element("fieldset", {}, element("legend", {}, "Given for, in all lessons"), purposes),
      field("On the basis of", basis),
    ],
    submit: async () => {
      const chosen = [...purposes.querySelectorAll("input:checked")].map((box) => box.value);
      await grantConsent(person.id, chosen, basis.value);
      reload();
    },
  });
}
