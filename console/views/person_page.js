/** One person: roles, guardians, what they have agreed to, and who has seen their data. */

import {
  addGuardian,
  assignRole,
  endGuardian,
  endRole,
  getPerson,
  listGuardians,
  listRoles,
  signOutEverywhere,
} from "../client/administration_api.js";
import { moment, roleName } from "../record/words.js";
import { action, openAdministrationPage, openForm } from "./administration.js";
import { consentPanel } from "./consent_panel.js";
import { element } from "./element.js";
import { field, select } from "./new_lesson.js";
import { runFromButton } from "./notices.js";
import { panel } from "./page.js";
import { disclosurePanel, erasureNotice, privacyPanel } from "./privacy_panel.js";

const ROLES = [
  "instructor",
  "teaching_assistant",
  "learner",
  "observer",
  "captioner",
  "administrator",
  "institutional_client",
  "guardian",
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
          person.erased_at && (await erasureNotice(person)),
          element(
            "div",
            { class: "progress-layout" },
            element(
              "div",
              { class: "briefing-main" },
              await consentPanel(person, open),
              await disclosurePanel(person),
            ),
            element(
              "div",
              { class: "progress-side" },
              panel("Who", facts(person)),
              rolesPanel(person, roles, open),
              guardiansPanel(person, guardians, open),
              signInPanel(person),
              privacyPanel(person, open),
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
  const attributes = { id: "new-role-course", maxlength: "100", placeholder: "crs_…" };
  const course = element("input", attributes);
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

function guardiansPanel(person, guardians, reload) {
  const place = element("div");
  const rows = guardians.map(({ guardian_id: id }) => {
    const end = action(
      "End",
      () =>
        runFromButton(end, place, async () => {
          await endGuardian(person.id, id);
          reload();
        }),
      "button-small",
    );
    const link = element("a", { class: "record-id", href: `#/people/${id}` }, id);
    return element("li", { class: "person" }, link, end);
  });
  const add = action("Add a guardian", () => openGuardian(person, reload), "button-small");
  return panel(
    "Guardians",
    rows.length > 0
      ? element("ul", { class: "people" }, ...rows)
      : element("p", { class: "help" }, "None."),
    place,
    element("p", {}, add),
  );
}

function openGuardian(person, reload) {
  const guardian = element("input", { id: "guardian", required: true, placeholder: "per_…" });
  openForm({
    title: `A guardian for ${person.name}`,
    confirm: "Add the guardian",
    fields: [
      field("Person", guardian, "They see this child's part of a lesson and nobody else's."),
    ],
    submit: async () => {
      await addGuardian(person.id, guardian.value.trim());
      reload();
    },
  });
}

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
