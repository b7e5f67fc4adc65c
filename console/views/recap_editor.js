/** A recap's lines as text that is edited in place: one field for each part of the page. */

import { element } from "./element.js";

const LONGEST_LINE = 400;

/** Parts of a page, as guardians read their headings. */
export const PARTS = {
  did: (child) => `What ${child} did`,
  went_well: () => "What went well",
  practise: () => "What to practise",
  activities: () => "Try this at home",
  homework: () => "Homework",
};

/** A line as it is read: people stand in it by name. */
export const readable = (text, names) =>
  text.replace(/\{(par_[\w-]+)\}/g, (whole, id) => names[id] ?? "somebody");

/**
 * @param {import("../client/recaps_api.js").Recap} recap
 * @param {() => void} onChange called whenever something was typed
 */
export function createRecapEditor(recap, onChange) {
  const { participant_id: who, child, content, names } = recap;
  const fields = Object.entries(PARTS).map(([part, heading]) => {
    const lines = content[part];
    const id = `${who}-${part}`;
    const field = element("textarea", {
      id,
      rows: String(Math.max(1, lines.length)),
      maxlength: String(6 * LONGEST_LINE),
      "aria-describedby": "recap-keys",
      oninput: onChange,
    });
    field.value = lines.map((line) => readable(line.text, names)).join("\n");
    return { part, lines, field, label: element("label", { for: id }, heading(child)) };
  });

  /** What stands in the fields; a line that was not touched stays as it was. */
  function value() {
    return Object.fromEntries(
      fields.map(({ part, lines, field }) => [part, linesOf(field.value, lines, names)]),
    );
  }

  const isChanged = () =>
    fields.some(
      ({ lines, field }) =>
        field.value !== lines.map((line) => readable(line.text, names)).join("\n"),
    );

  const node = element(
    "div",
    { class: "recap-fields" },
    ...fields.map(({ label, field }) => element("div", { class: "recap-field" }, label, field)),
  );
  return { node, value, isChanged };
}

/** A line that was reworded in its place still rests on the claims of the line that was there. */
function linesOf(text, before, names) {
  const typed = text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  const known = new Map(before.map((line) => [readable(line.text, names), line]));
  return typed.map((line, index) => {
    const same = known.get(line);
    if (same) return same;
    const there = typed.length === before.length ? before[index] : null;
    return { text: line, claim_ids: there?.claim_ids ?? [] };
  });
}
