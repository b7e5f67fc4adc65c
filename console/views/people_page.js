/** Everybody of the tenant across lessons, newest first. */

import { createPerson, listPeople } from "../client/administration_api.js";
import { moment } from "../record/words.js";
import { action, openAdministrationPage, openForm } from "./administration.js";
import { element } from "./element.js";
import { field } from "./new_lesson.js";
import { pagedTable, recordRow } from "./table.js";

/** @param {HTMLElement} root @param {boolean} moveFocus */
export function openPeoplePage(root, moveFocus) {
  const create = action("New person", openNewPerson, "button-primary");
  return openAdministrationPage(
    root,
    "#/people",
    { title: "People", loading: "Fetching the people…", moveFocus, actions: [create] },
    async () => [
      await pagedTable(
        {
          caption: "People, newest first",
          heads: ["Name", "Known to the platform as", "E-mail", "Since", ""],
          empty: ["Nobody yet.", "People come in as participants of lessons, or are added here."],
        },
        listPeople,
        personRow,
      ),
    ],
  );
}

const personRow = (person) =>
  recordRow(
    element("a", { class: "record-name", href: `#/people/${person.id}` }, person.name),
    element("span", { class: "record-id" }, person.external_id ?? "–"),
    person.email ?? "–",
    person.erased_at ? `Erased ${moment(person.erased_at)}` : moment(person.created_at),
    element("a", { href: `#/learners/${person.id}` }, "Progress"),
  );

function openNewPerson() {
  const name = element("input", { id: "person-name", required: true, maxlength: "200" });
  const externalId = element("input", { id: "person-external", maxlength: "300" });
  const email = element("input", { id: "person-email", type: "email", maxlength: "254" });
  openForm({
    title: "New person",
    confirm: "Add person",
    fields: [
      field("Name", name),
      field("Known to the platform as", externalId, "The platform's own id, where it has one."),
      field("E-mail", email, "By this address they are known when they sign in."),
    ],
    submit: async () => {
      const person = await createPerson({
        name: name.value.trim(),
        external_id: externalId.value.trim() || null,
        email: email.value.trim() || null,
      });
      location.hash = `#/people/${person.id}`;
    },
  });
}
