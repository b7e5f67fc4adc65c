/** Putting one caption right, where it stands, while others keep coming. */

import { correctCaption, getUnmasked } from "../client/captions_api.js";
import { element, setText } from "./element.js";
import { runFromButton } from "./notices.js";

/** What stands for a word that the tenant has masked. */
const MASK = "***";

/**
 * A form in place of a caption's text. The corrected text comes back as an event like everyone's.
 * @param {string} lessonId @param {import("../record/record.js").Caption} caption
 * @param {() => void} onClose called once, when it is over
 * @param {(id: string | null) => string} nameOf who made a revision, in words
 */
export function createEditor(lessonId, caption, onClose, nameOf) {
  let seen = caption;
  const place = element("div");
  const meanwhile = element("p", { class: "entry-meanwhile", role: "status" });
  const field = element("textarea", {
    rows: "2",
    "aria-label": `Corrected text of what ${caption.name} said`,
    "aria-describedby": "editor-keys",
    maxlength: "10000",
  });
  field.value = caption.text;
  const save = element("button", { class: "button button-primary" }, "Save");
  let unmasked = "";
  const masked = caption.text.includes(MASK) ? maskNote(showSaid) : null;
  // What was typed so far is kept: it is put behind what was said, to be chosen from.
  async function showSaid() {
    const typed = field.value === seen.text ? "" : ` ${field.value}`;
    unmasked = (await getUnmasked(lessonId, caption.captionId)).text;
    field.value = unmasked + typed;
    masked.remove();
    field.focus();
  }
  const store = async () => {
    const text = field.value.trim();
    if (text && text !== seen.text && text !== unmasked) {
      await correctCaption(lessonId, caption.captionId, { text, revision: seen.revision });
    }
    onClose();
  };
  const node = element(
    "form",
    {
      class: "entry-form",
      onsubmit: (event) => {
        event.preventDefault();
        runFromButton(save, place, store);
      },
      onkeydown: (event) => {
        event.stopPropagation();
        if (event.key === "Escape") onClose();
        else if (event.key === "Enter" && !event.shiftKey && event.target === field) {
          event.preventDefault();
          node.requestSubmit();
        }
      },
    },
    field,
    save,
    element("button", { type: "button", class: "button", onclick: () => onClose() }, "Cancel"),
    element("span", { class: "entry-keys", id: "editor-keys" }, "Enter saves, Escape cancels"),
    masked,
    meanwhile,
    place,
  );

  return {
    node,
    focus() {
      field.focus();
      field.select();
    },
    /** Somebody else corrected it meanwhile: it is said, and what was typed stays. */
    update(newest) {
      if (newest.revision === seen.revision) return;
      seen = newest;
      place.replaceChildren();
      const by = nameOf(newest.revisions.at(-1).by);
      setText(meanwhile, `${by} made it “${newest.text}” meanwhile. Save puts yours in its place.`);
    },
  };
}

/** Says what becomes of masked words, and shows them to whoever needs them. */
function maskNote(showSaid) {
  const place = element("div");
  const show = element(
    "button",
    { type: "button", class: "link-button", onclick: () => runFromButton(show, place, showSaid) },
    "Show what was said",
  );
  return element(
    "div",
    { class: "entry-masked" },
    `Leave every ${MASK} in and it keeps what was said there. `,
    show,
    " The disclosure log will name you.",
    place,
  );
}

/** Every revision of a caption, the newest first: what it said, who made it so, and when. */
export function revisionList(caption, nameOf) {
  const time = (iso) => new Date(iso).toLocaleTimeString(undefined, { timeStyle: "medium" });
  return element(
    "ol",
    { class: "revisions", "aria-label": "Revisions of this caption" },
    ...[...caption.revisions].reverse().map((one) =>
      element(
        "li",
        {},
        element("span", { class: "revision-text" }, one.text),
        element(
          "span",
          { class: "revision-by" },
          `${one.by === null ? "captions engine" : nameOf(one.by)}, ${time(one.time)}`,
        ),
      ),
    ),
  );
}
