/** All lessons: the sample first, then the list, newest first. */

import { getLesson, listLessons } from "../client/api.js";
import { setPageTitle } from "../client/brand.js";
import { languageName, moment } from "../record/words.js";
import { element, setText } from "./element.js";
import { engineNote } from "./engine_note.js";
import { newLessonDialog } from "./new_lesson.js";
import { failureNotice, loadingNotice } from "./notices.js";
import { sampleFeature } from "./sample.js";

const STATUS = { scheduled: "Scheduled", live: "Live", ended: "Ended" };

/** @param {string} status */
export const statusBadge = (status) =>
  element("span", { class: `badge badge-${status}` }, STATUS[status]);

function namesOf(people) {
  if (people.length === 0) return "Nobody yet";
  const names = people
    .slice(0, 3)
    .map((person) => person.name)
    .join(", ");
  return people.length > 3 ? `${names} and ${people.length - 3} more` : names;
}

/** The list carries no people: each row asks for its own, after the list is on the page. */
async function fillPeople(cell, lesson) {
  try {
    const { participants } = lesson.participants ? lesson : await getLesson(lesson.id);
    setText(cell, namesOf(participants ?? []));
  } catch {
    setText(cell, "Not known");
  }
}

function lessonRow(lesson) {
  const people = element("td", { class: "lesson-people" }, "…");
  fillPeople(people, lesson);
  return element(
    "tr",
    { "data-lesson-id": lesson.id },
    element(
      "td",
      { class: "lesson-title" },
      element("a", { href: `#/lessons/${lesson.id}` }, lesson.title),
      element("span", { class: "lesson-language" }, languageName(lesson.language)),
    ),
    element("td", {}, statusBadge(lesson.status)),
    element("td", { class: "lesson-when" }, moment(lesson.started_at ?? lesson.created_at)),
    people,
  );
}

function lessonTable(lessons) {
  const heads = ["Lesson", "Status", "When", "People"];
  return element(
    "table",
    { class: "lessons" },
    element("caption", { class: "visually-hidden" }, "Lessons, newest first"),
    element(
      "thead",
      {},
      element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head))),
    ),
    element("tbody", {}, ...lessons.map(lessonRow)),
  );
}

function emptyState() {
  return element(
    "div",
    { class: "empty" },
    element("p", {}, "No lessons of your own yet."),
    element(
      "p",
      { class: "help" },
      "Make one here, or let your platform make them through the API.",
    ),
  );
}

async function fillLessons(body, feature, before = null) {
  try {
    const { lessons, next } = await listLessons(before);
    if (before === null) body.replaceChildren();
    const sample = lessons.find((lesson) => lesson.sample);
    if (before === null && sample) feature.replaceChildren(sampleFeature(sample));
    const rest = before === null ? lessons.filter((lesson) => lesson !== sample) : lessons;
    if (before === null && rest.length === 0) body.replaceChildren(emptyState());
    else appendRows(body, rest);
    if (next) body.append(moreButton(body, feature, next));
  } catch (error) {
    body.replaceChildren(failureNotice(error, () => fillLessons(body, feature)));
  }
}

function appendRows(body, lessons) {
  const table = body.querySelector("tbody");
  if (table) table.append(...lessons.map(lessonRow));
  else body.append(lessonTable(lessons));
}

function moreButton(body, feature, next) {
  const button = element(
    "button",
    {
      type: "button",
      class: "button",
      onclick: () => {
        button.remove();
        fillLessons(body, feature, next);
      },
    },
    "Earlier lessons",
  );
  return button;
}

/** @param {HTMLElement} root @returns {() => void} */
export function openLessonsPage(root) {
  setPageTitle("Lessons");
  const dialog = newLessonDialog();
  const open = () => dialog.showModal();
  const feature = element("div");
  const body = element("div", { class: "lessons-body" }, loadingNotice("Fetching the lessons…"));
  root.replaceChildren(
    element(
      "div",
      { class: "page-head" },
      element("h1", { tabindex: "-1" }, "Lessons"),
      element(
        "button",
        { type: "button", class: "button button-primary", onclick: open },
        "New lesson",
      ),
    ),
    element(
      "div",
      { class: "lessons-layout" },
      element("div", { class: "lessons-main" }, body),
      element("div", { class: "lessons-side" }, feature, engineNote()),
    ),
    dialog,
  );
  fillLessons(body, feature);
  return () => {};
}
