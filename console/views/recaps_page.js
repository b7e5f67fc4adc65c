/** A lesson's recaps for who teaches: read each, put it right in place, approve it or hold it. */

import { approveRecap, editRecap, holdRecap, listRecaps } from "../client/recaps_api.js";
import { counted, moment } from "../record/words.js";
import { element, setText } from "./element.js";
import { runFromButton } from "./notices.js";
import { emptyState, openPage } from "./page.js";
import { createRecapEditor } from "./recap_editor.js";

const STATUS = { draft: "To be approved", approved: "Approved", held: "Held" };
const WHY_HELD = {
  consent: "Consent does not cover it now. It goes to nobody.",
  summary_withdrawn: "The summary it rests on was withdrawn. It is drafted again with the next one.",
  summary_changed: "The summary says nothing of this child any more.",
};
const OUTCOME = {
  sent: "sent by e-mail",
  page_only: "on the page only: no e-mail is sent here",
  no_address: "on the page only: no e-mail address is known",
  refused: "the mail server refused it; it is on the page",
  failed: "the e-mail could not be sent; it is on the page",
};

/** @param {HTMLElement} root @param {string} lessonId @param {boolean} moveFocus */
export function openRecapsPage(root, lessonId, moveFocus) {
  const link = (page, words) =>
    element("a", { class: "button", href: `#/lessons/${lessonId}${page}` }, words);
  const ways = [link("/summary", "Summary"), link("", "Open the lesson")];
  const actions = [element("div", { class: "lesson-actions" }, ...ways)];
  return openPage(
    root,
    { title: "Recaps for guardians", loading: "Reading the recaps…", moveFocus, actions },
    async () => content(await listRecaps(lessonId)),
  );
}

function content({ recaps, without }) {
  if (recaps.length === 0) {
    return [
      emptyState(
        "There are no recaps of this lesson.",
        "They are drafted once the lesson is over and summarised, where consent covers it.",
      ),
    ];
  }
  const statuses = new Map(recaps.map((one) => [one.participant_id, one.status]));
  const count = element("p", { class: "recap-count", role: "status" }, countWords(statuses));
  const decided = (recap) => {
    statuses.set(recap.participant_id, recap.status);
    setText(count, countWords(statuses));
  };
  return [
    element(
      "p",
      { class: "page-lead", id: "recap-keys" },
      "A computer program (AI) drafted these pages. Nothing goes out before you approve it. ",
      "One line of a field is one line of the page; Ctrl + Enter approves.",
    ),
    count,
    element("div", { class: "recaps" }, ...recaps.map((recap) => createCard(recap, decided).node)),
    without.length > 0 &&
      element(
        "p",
        { class: "help" },
        `No recap about ${counted(without.length, "learner")}: ${without.join(", ")}.`,
      ),
  ];
}

function countWords(statuses) {
  const open = [...statuses.values()].filter((status) => status === "draft").length;
  return open === 0 ? "Each of them is decided." : `${open} of ${statuses.size} to be approved`;
}

function createCard(recap, onDecided) {
  const node = element("article", {
    class: "panel recap",
    "aria-labelledby": `${recap.participant_id}-title`,
  });
  const draw = (newest) => {
    node.replaceChildren(...cardContent(newest, draw, node));
    onDecided(newest);
  };
  draw(recap);
  return { node };
}

function cardContent(recap, draw, node) {
  const place = element("div");
  const unsaved = element("span", { class: "help", role: "status" });
  const editor = createRecapEditor(recap, () => setText(unsaved, "Not saved yet"));
  const mayGo = recap.is_permitted && (recap.status !== "held" || recap.held_reason === "tutor");

  /** What was typed is stored first, so that what is approved is what is seen. */
  const stored = async () =>
    editor.isChanged() ? editRecap(recap, editor.value()) : recap;
  const decide = (button, act) =>
    runFromButton(button, place, async () => {
      const after = await act(await stored());
      draw(after);
      node.querySelector(".recap-state").focus();
    });

  const remark = element("input", {
    "aria-label": `Why the recap about ${recap.child} is held`,
    placeholder: "A remark for colleagues",
    maxlength: "500",
  });
  const save = button("Save", "button", () => decide(save, async (kept) => kept));
  const hold = button("Hold", "button", () =>
    decide(hold, (kept) => holdRecap(kept, remark.value.trim() || null)),
  );
  const approve = button("Approve", "button button-primary", () => decide(approve, approveRecap));
  approve.disabled = !mayGo;
  node.onkeydown = (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || approve.disabled) return;
    event.preventDefault();
    approve.click();
  };
  return [
    element(
      "header",
      { class: "recap-head" },
      element("h2", { id: `${recap.participant_id}-title` }, recap.child),
      element(
        "p",
        { class: `recap-state recap-${recap.status}`, tabindex: "-1" },
        stateWords(recap),
      ),
    ),
    whyHeld(recap),
    editor.node,
    readingLevel(recap),
    element(
      "div",
      { class: "recap-decisions" },
      approve,
      save,
      element("span", { class: "recap-hold" }, remark, hold),
      unsaved,
    ),
    place,
    element(
      "div",
      { class: "recap-foot help" },
      element("p", {}, recap.ai_label.sentence),
      ...recap.receipts.map((one) =>
        element("p", {}, `Guardian ${one.guardian_id}: ${OUTCOME[one.outcome]}, ${moment(one.at)}`),
      ),
      element(
        "a",
        { href: `#/lessons/${recap.lesson_id}/recaps/${recap.participant_id}` },
        "See it as a guardian does",
      ),
    ),
  ].filter(Boolean);
}

const button = (label, className, onclick) =>
  element("button", { type: "button", class: className, onclick }, label);

const stateWords = ({ status, decided_at: at }) =>
  at ? `${STATUS[status]}, ${moment(at)}` : STATUS[status];

function whyHeld({ status, held_reason: reason, remark, is_permitted: isPermitted }) {
  if (!isPermitted) return element("p", { class: "notice" }, WHY_HELD.consent);
  if (status !== "held") return null;
  const words = WHY_HELD[reason] ?? remark;
  return words && element("p", { class: "notice" }, words);
}

function readingLevel({ reading_grade: grade, target_grade: target }) {
  const year = Math.max(1, Math.round(grade));
  const words = `Reading level: school year ${year}`;
  return element(
    "p",
    { class: grade > target ? "recap-level recap-level-hard" : "recap-level" },
    grade > target ? `${words}. Shorter sentences would help: aim at ${target} or less.` : words,
  );
}
