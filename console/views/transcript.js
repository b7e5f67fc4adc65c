/** Every final caption, in the order it was spoken; a live region, so each is announced once. */

import { transcriptOrder } from "../record/record.js";
import { HUMAN } from "../record/takeovers.js";
import { clock, roleName } from "../record/words.js";
import { createEditor, revisionList } from "./caption_editor.js";
import { element, icon, renderWhenChanged } from "./element.js";
import { createTranslationChoice } from "./translation_choice.js";

/** Closer to the end than this and the reader is following along. */
const FOLLOWING_PX = 80;

/**
 * @param {string} lessonId
 * @param {(id: string | null) => string} nameOf a participant, person or key in words
 */
export function createTranscript(lessonId, nameOf) {
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
  const keys = element(
    "p",
    { class: "help transcript-keys", hidden: true },
    "Arrow keys walk the transcript; E or Enter corrects a caption.",
  );
  const latest = element(
    "button",
    { type: "button", class: "button transcript-latest", hidden: true, onclick: () => toEnd() },
    icon("down"),
    "Latest",
  );
  const translation = createTranslationChoice(() => {
    const wasFollowing = following();
    for (const caption of captions) translation.show(entryOf(caption), caption);
    if (wasFollowing) toEnd();
  });
  const node = element(
    "div",
    { class: "transcript" },
    translation.node,
    empty,
    log,
    latest,
    keys,
  );
  /** @type {Map<string, HTMLElement>} */
  const entries = new Map();
  let captions = [];
  let mayCorrect = false;
  /** @type {{captionId: string, editor: ReturnType<typeof createEditor>} | null} */
  let editing = null;

  // Who corrects a caption stays with it, however many more come.
  const following = () =>
    editing === null && log.scrollHeight - log.scrollTop - log.clientHeight < FOLLOWING_PX;
  const toEnd = () => {
    log.scrollTop = log.scrollHeight;
    latest.hidden = true;
  };
  log.addEventListener("scroll", () => following() && (latest.hidden = true));
  log.addEventListener("keydown", onKey);

  function update(record) {
    const wasFollowing = following();
    const before = list.childElementCount;
    captions = transcriptOrder(record);
    translation.offer(record);
    let grew = false;
    const shown = new Set(captions.map((caption) => caption.captionId));
    for (const [id, entry] of entries) if (!shown.has(id)) entry.remove();
    captions.forEach((caption, index) => {
      const entry = entryOf(caption);
      if (list.children[index] !== entry) list.insertBefore(entry, list.children[index] ?? null);
      const repeats = index > 0 && captions[index - 1].participantId === caption.participantId;
      entry.classList.toggle("same-speaker", repeats);
      grew = translation.show(entry, caption) || grew;
    });
    empty.hidden = captions.length > 0;
    keys.hidden = !mayCorrect || captions.length === 0;
    if (captions.length === before && !grew) return;
    if (wasFollowing) toEnd();
    else if (captions.length !== before) latest.hidden = false;
  }

  function entryOf(caption) {
    const known = entries.get(caption.captionId);
    const entry =
      known ??
      element("li", { class: "entry", "data-caption-id": caption.captionId, tabindex: "-1" });
    entries.set(caption.captionId, entry);
    entry.dataset.revision = String(caption.revision);
    if (editing?.captionId === caption.captionId) editing.editor.update(caption);
    else renderWhenChanged(entry, [caption, mayCorrect], () => entryParts(caption));
    return entry;
  }

  function entryParts(caption) {
    const text = element("p", { class: "entry-text" }, caption.text);
    const body = element("div", { class: "entry-body" }, text);
    const edit =
      mayCorrect &&
      element(
        "button",
        {
          type: "button",
          class: "entry-edit",
          "aria-label": `Correct what ${caption.name} said at ${clock(caption.startMs)}`,
          title: "Correct (E)",
          onclick: () => beginEditing(caption.captionId),
        },
        icon("pencil"),
      );
    if (mayCorrect) text.addEventListener("dblclick", () => beginEditing(caption.captionId));
    const speaker = element(
      "p",
      { class: "entry-speaker" },
      element("span", { class: "entry-name" }, caption.name),
      element("span", { class: "entry-role" }, roleName(caption.role)),
    );
    const time = element("time", { class: "entry-time" }, clock(caption.startMs));
    const tools = element("div", { class: "entry-tools" }, origin(caption, body), edit);
    return [time, speaker, body, tools];
  }

  /** Says that a person typed or corrected it; a corrected one shows what it was, on demand. */
  function origin(caption, body) {
    if (!caption.corrected) {
      const typed = caption.engine === HUMAN;
      return typed && element("span", { class: "entry-typed" }, `typed by ${nameOf(caption.typedBy)}`);
    }
    const toggle = element(
      "button",
      {
        type: "button",
        class: "link-button entry-corrected",
        "aria-expanded": "false",
        "aria-label": `Corrected by ${nameOf(caption.revisions.at(-1).by)}: show every revision`,
        onclick: () => {
          const open = body.querySelector(".revisions");
          if (open) open.remove();
          else body.append(revisionList(caption, nameOf));
          toggle.setAttribute("aria-expanded", String(!open));
        },
      },
      `corrected by ${nameOf(caption.revisions.at(-1).by)}`,
    );
    return toggle;
  }

  function beginEditing(captionId) {
    const caption = captions.find((one) => one.captionId === captionId);
    if (!mayCorrect || !caption || editing !== null) return;
    const entry = entries.get(captionId);
    const editor = createEditor(lessonId, caption, () => endEditing(entry), nameOf);
    editing = { captionId, editor };
    entry.classList.add("entry-open");
    entry.querySelector(".entry-text").replaceWith(editor.node);
    editor.focus();
    editor.node.scrollIntoView({ block: "nearest" });
  }

  function endEditing(entry) {
    const { captionId } = editing;
    editing = null;
    entry.classList.remove("entry-open");
    const caption = captions.find((one) => one.captionId === captionId);
    renderWhenChanged(entry, [], () => []);
    if (caption) translation.show(entryOf(caption), caption);
    entry.focus();
  }

  function onKey(event) {
    if (editing !== null || event.ctrlKey || event.metaKey || event.altKey) return;
    const entry = event.target.closest(".entry");
    const opens = event.key === "e" || event.key === "E" || event.key === "Enter";
    if (entry && event.target === entry && opens) {
      event.preventDefault();
      beginEditing(entry.dataset.captionId);
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || list.childElementCount === 0) return;
    event.preventDefault();
    const all = [...list.children];
    const at = entry ? all.indexOf(entry) + step : all.length - 1;
    const next = all[Math.max(0, Math.min(all.length - 1, at))];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  /** Shows one caption; true where it is here. @param {number | string} captionId */
  function reveal(captionId) {
    const entry = captions.some((one) => one.captionId === captionId) && entries.get(captionId);
    if (!entry) return false;
    list.querySelector(".entry-cited")?.classList.remove("entry-cited");
    entry.classList.add("entry-cited");
    entry.scrollIntoView({ block: "center" });
    entry.focus({ preventScroll: true });
    return true;
  }

  return {
    node,
    update,
    reveal,
    goLive: () => log.setAttribute("aria-live", "polite"),
    /** Whether the user may put captions right. @param {boolean} may */
    allowCorrecting: (may) => {
      mayCorrect = may;
    },
  };
}
