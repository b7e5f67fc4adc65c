/** A person's rights: their whole record to take away, its erasure, and who has seen it. */

import {
  erasePerson,
  exportPerson,
  getErasure,
  listDisclosures,
} from "../client/administration_api.js";
import { counted, moment } from "../record/words.js";
import { action, openForm } from "./administration.js";
import { save } from "./downloads.js";
import { element } from "./element.js";
import { field } from "./new_lesson.js";
import { runFromButton } from "./notices.js";
import { panel } from "./page.js";
import { pagedTable, recordRow } from "./table.js";

/** @param {any} person @param {() => void} reload */
export function privacyPanel(person, reload) {
  const place = element("div");
  const download = (label, format) => {
    const button = action(
      label,
      () =>
        runFromButton(button, place, async () =>
          save(await exportPerson(person.id, format), `${person.id}.${format}`),
        ),
      "button-small",
    );
    return button;
  };
  const erase = action("Erase", () => openErasure(person, reload), "button-small button-danger");
  return panel(
    "Their record",
    element("p", { class: "help" }, "Everything that is held about them, to read or to take away."),
    element(
      "div",
      { class: "record-actions record-actions-start" },
      download("Readable", "html"),
      download("JSON", "json"),
      !person.erased_at && erase,
    ),
    place,
  );
}

/** The name has to be typed, for there is no way back. */
function openErasure(person, reload) {
  const name = element("input", { id: "erase-name", required: true, autocomplete: "off" });
  openForm({
    title: `Erase ${person.name}?`,
    confirm: "Erase for good",
    fields: [
      element(
        "p",
        {},
        "The key of their record is destroyed: nobody can read it again, in backups neither. Whatever they publish ends at once. There is no way back.",
      ),
      field(`Type their name, ${person.name}`, name),
    ],
    submit: async () => {
      if (name.value.trim() !== person.name) throw new Error("That is not their name.");
      await erasePerson(person.id);
      reload();
    },
  });
}

/** The proof, and whether it still holds. @param {any} person who has been erased */
export async function erasureNotice(person) {
  const { proof, check } = await getErasure(person.id);
  const holds = check.key_is_destroyed && check.bodies_readable === 0;
  const sampled = proof.sample.length;
  return element(
    "div",
    { class: holds ? "notice" : "notice notice-failure", role: "status" },
    element(
      "p",
      {},
      `Erased ${moment(proof.erased_at)}: the key of ${counted(proof.sealed_events, "event")} was destroyed. `,
      holds
        ? `None of the ${sampled} sampled bodies can be read.`
        : "The proof does not hold: something of it can still be read.",
    ),
  );
}

/** @param {any} person @returns {Promise<HTMLElement>} */
export const disclosurePanel = async (person) =>
  panel(
    "Who has seen their data",
    await pagedTable(
      {
        caption: "Disclosures, newest first",
        heads: ["When", "Who", "What", "Why"],
        empty: ["Nobody yet.", "Whoever reads this person's data is noted here."],
      },
      (before) => listDisclosures(person.id, before),
      disclosureRow,
    ),
  );

const disclosureRow = (one) =>
  recordRow(
    moment(one.disclosed_at),
    element(
      "div",
      {},
      one.role.replaceAll("_", " "),
      element("span", { class: "record-detail record-id" }, one.actor),
    ),
    one.lesson_id
      ? element("a", { href: `#/lessons/${one.lesson_id}` }, one.what)
      : one.what,
    element("span", { class: "record-detail" }, one.purpose ?? "–"),
  );
