/** Every final caption, in the order it was spoken; a live region, so each is announced once. */

import { correctCaption } from "../client/api.js";
import { spokenOrder } from "../record/record.js";
import { clock, roleName } from "../record/words.js";
import { element, hiddenText, icon, renderWhenChanged } from "./element.js";
import { runFromButton } from "./notices.js";

/** Closer to the end than this and the reader is following along. */
const FOLLOWING_PX = 80;

/** @param {string} lessonId */
export function createTranscript(lessonId) {
  const list = element("ol", { class: "transcript-list" });
  // Silent until the captions already spoken are in: a late reader is not read the whole lesson.
  const log = element(
    "div",
    {
      class: "transcript-log",
      role: "log",
      "aria-live": "off",
      "aria-labelledby": "transcript-title",
      tabindex: "0",
    },
    list,
  );
  const empty = element("p", { class: "help transcript-empty" }, "What is said is kept here.");
  const latest = element(
    "button",
    { type: "button", class: "button transcript-latest", hidden: true, onclick: () => toEnd() },
    icon("down"),
    "Latest",
  );
  const node = element("div", { class: "transcript" }, empty, log, latest);
  /** @type {Map<string, HTMLElement>} */
  const entries = new Map();

  const following = () => log.scrollHeight - log.scrollTop - log.clientHeight < FOLLOWING_PX;
  const toEnd = () => {
    log.scrollTop = log.scrollHeight;
    latest.hidden = true;
  };
  log.addEventListener("scroll", () => following() && (latest.hidden = true));

  function update(record) {
    const wasFollowing = following();
    const before = list.childElementCount;
    const captions = spokenOrder(record);
    captions.forEach((caption, index) => {
      const entry = entryOf(caption);
      if (list.children[index] !== entry) list.insertBefore(entry, list.children[index] ?? null);
      const repeats = index > 0 && captions[index - 1].participantId === caption.participantId;
      entry.classList.toggle("same-speaker", repeats);
    });
    empty.hidden = captions.length > 0;
    if (captions.length === before) return;
    if (wasFollowing) toEnd();
    else latest.hidden = false;
  }

  function entryOf(caption) {
    const known = entries.get(caption.captionId);
    const entry = known ?? element("li", { class: "entry", "data-caption-id": caption.captionId });
    entries.set(caption.captionId, entry);
    entry.dataset.revision = String(caption.revision);
    renderWhenChanged(entry, caption, () => entryParts(lessonId, caption));
    return entry;
  }

  return { node, update, goLive: () => log.setAttribute("aria-live", "polite") };
}

function entryParts(lessonId, caption) {
  const text = element("p", { class: "entry-text", lang: null }, caption.text);
  const place = element("div");
  const body = element("div", { class: "entry-body" }, text, place);
  const edit = element(
    "button",
    {
      type: "button",
      class: "entry-edit",
      "aria-label": `Correct what ${caption.name} said at ${clock(caption.startMs)}`,
      title: "Correct",
      onclick: () => editCaption(lessonId, caption, text, edit, place),
    },
    icon("pencil"),
  );
  const speaker = element(
    "p",
    { class: "entry-speaker" },
    element("span", { class: "entry-name" }, caption.name),
    element("span", { class: "entry-role" }, roleName(caption.role)),
  );
  const corrected =
    caption.corrected &&
    element("span", { class: "entry-corrected", title: caption.original }, "corrected");
  const time = element("time", { class: "entry-time" }, clock(caption.startMs));
  return [time, speaker, body, element("div", { class: "entry-tools" }, corrected, edit)];
}

/** Swaps the text for a field; the corrected text comes back as an event like everyone's. */
function editCaption(lessonId, caption, text, edit, place) {
  const field = element("textarea", { rows: "2", "aria-label": "Corrected text" });
  field.value = caption.text;
  const close = () => {
    form.replaceWith(text);
    edit.hidden = false;
    edit.focus();
  };
  const save = element("button", { class: "button button-primary" }, "Save");
  const form = element(
    "form",
    {
      class: "entry-form",
      onsubmit: (event) => {
        event.preventDefault();
        runFromButton(save, place, async () => {
          const corrected = field.value.trim();
          if (corrected && corrected !== caption.text) {
            await correctCaption(lessonId, caption.captionId, corrected);
          }
          close();
        });
      },
      onkeydown: (event) => event.key === "Escape" && close(),
    },
    field,
    save,
    element("button", { type: "button", class: "button", onclick: close }, "Cancel"),
    hiddenText("Escape cancels"),
  );
  edit.hidden = true;
  text.replaceWith(form);
  field.focus();
}
