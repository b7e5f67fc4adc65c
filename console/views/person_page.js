/** One person: roles, guardians, and what they have agreed to. */

import {
  assignRole,
  endRole,
  getPerson,
  grantConsent,
  listConsents,
  listGuardians,
  listRoles,
  revokeConsent,
  signOutEverywhere,
} from "../client/administration_api.js";
import { moment, roleName } from "../record/words.js";
import { action, openAdministrationPage, openForm } from "./administration.js";
import { element } from "./element.js";
import { field, select } from "./new_lesson.js";
import { ask, runFromButton } from "./notices.js";
import { panel } from "./page.js";
import { pagedTable, recordRow } from "./table.js";

const ROLES = [
  "instructor",
  "teaching_assistant",
  "learner",
  "observer",
  "administrator",
  "institutional_client",
  "guardian",
];
const PURPOSES = {
  audio: "Microphone",
  video: "Camera",
  captions: "Captions that are kept",
  signals: "Signals about participation",
  activity: "Attention and activity counts",
  recording: "Uploaded recordings",
  sharing: "Webhooks to other systems",
};
const BASES = [
  ["own", "The person's own"],
  ["guardian", "A guardian's"],
  ["school_contract", "The school's contract"],
];

/** @param {HTMLElement} root @param {string} personId @param {boolean} moveFocus */
export function openPersonPage(root, personId, moveFocus) {
  const progress = element("a", { class: "button", href: `#/learners/${personId}` }, "Progress");
  const open = () =>
    openAdministrationPage(
      root,
      "#/people",
      { title: "Person", loading: "Fetching the person…", moveFocus, actions: [progress] },
      async (_signal, setTitle) => {
        const [person, roles, guardians] = await Promise.all([
          getPerson(personId),
          listRoles(personId),
          listGuardians(personId),
        ]);
        setTitle(person.name);
        return [
          element(
            "div",
            { class: "progress-layout" },
            element("div", { class: "briefing-main" }, await consentPanel(person, open)),
            element(
              "div",
              { class: "progress-side" },
              panel("Who", facts(person)),
              rolesPanel(person, roles, open),
              guardiansPanel(guardians),
              signInPanel(person),
            ),
          ),
        ];
      },
    );
  return open();
}

const facts = (person) =>
  element(
    "dl",
    { class: "facts" },
    ...[
      ["Id", person.id],
      ["Platform", person.external_id ?? "–"],
      ["E-mail", person.email ?? "–"],
      ["Since", moment(person.created_at)],
    ].flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]),
  );

function rolesPanel(person, roles, reload) {
  const place = element("div");
  const list = element(
    "ul",
    { class: "people" },
    ...roles.map((role) => {
      const end = action(
        "End",
        () =>
          runFromButton(end, place, async () => {
            await endRole(person.id, role.id);
            reload();
          }),
        "button-small",
      );
      end.setAttribute("aria-label", `End the role ${roleName(role.role)}`);
      return element(
        "li",
        { class: "person" },
        element(
          "div",
          { class: "person-who" },
          element("span", { class: "person-name" }, roleName(role.role)),
          element(
            "span",
            { class: "person-role" },
            role.course_id ? `in course ${role.course_id}` : "here and below",
          ),
        ),
        end,
      );
    }),
  );
  const give = action("Give a role", () => openNewRole(person, reload), "button-small");
  return panel(
    "Roles",
    roles.length > 0 ? list : element("p", { class: "help" }, "None beyond single lessons."),
    place,
    element("p", {}, give),
  );
}

function openNewRole(person, reload) {
  const role = select(
    "new-role",
    ROLES.map((name) => [name, roleName(name)]),
  );
  const course = element("input", { id: "new-role-course", maxlength: "100", placeholder: "crs_…" });
  openForm({
    title: `A role for ${person.name}`,
    confirm: "Give the role",
    fields: [
      field("Role", role),
      field("Only in the course", course, "Left empty: here and everywhere below."),
    ],
    submit: async () => {
      await assignRole(person.id, role.value, course.value.trim() || null);
      reload();
    },
  });
}

const guardiansPanel = (guardians) =>
  panel(
    "Guardians",
    guardians.length === 0
      ? element("p", { class: "help" }, "None.")
      : element(
          "ul",
          {},
          ...guardians.map((one) =>
            element(
              "li",
              {},
              element("a", { href: `#/people/${one.guardian_id}` }, one.guardian_id),
            ),
          ),
        ),
  );

function signInPanel(person) {
  const place = element("div", { role: "status" });
  const out = action(
    "Sign out everywhere",
    () =>
      runFromButton(out, place, async () => {
        await signOutEverywhere(person.id);
        place.replaceChildren(element("p", { class: "help" }, "Signed out in every browser."));
      }),
    "button-small",
  );
  return panel("Sign-in", out, place);
}

async function consentPanel(person, reload) {
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
