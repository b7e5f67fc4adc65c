/** A lesson's group without its learners: what an observer sees, and nothing about fewer than five. */

import { getLesson } from "../client/api.js";
import { getGroup } from "../client/engagement_api.js";
import { contextWords, stateWords } from "../record/engagement_words.js";
import { STATES } from "../record/group.js";
import { secondsOf } from "../record/words.js";
import { element, icon, renderWhenChanged } from "./element.js";
import { failureNotice } from "./notices.js";
import { emptyState, openPage, panel } from "./page.js";

/** The figures are of whole minutes. */
const REFRESH_MS = 20_000;

/** @param {HTMLElement} root @param {string} lessonId @param {boolean} moveFocus */
export function openGroupPage(root, lessonId, moveFocus) {
  const options = { title: "The group", loading: "Reading the group…", moveFocus };
  return openPage(root, options, async (signal, setTitle) => {
    const [lesson, group] = await Promise.all([getLesson(lessonId), getGroup(lessonId)]);
    setTitle(`The group: ${lesson.title}`);
    const body = element("div", { class: "group-figures" });
    const show = (figures) => renderWhenChanged(body, figures, () => content(figures));
    const refresh = () =>
      getGroup(lessonId).then(show, (error) => body.replaceChildren(failureNotice(error, refresh)));
    const isSeen = () => document.visibilityState === "visible";
    const timer = setInterval(() => isSeen() && refresh(), REFRESH_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
    show(group);
    return [
      element("p", {}, element("a", { href: `#/lessons/${lessonId}` }, "The lesson")),
      body,
      element(
        "p",
        { class: "help" },
        `As it was at the last whole minute, in tenths of the group; never about fewer than ${group.smallest_group} learners. What a learner contests is left out until it is reviewed.`,
      ),
    ];
  });
}

function content(group) {
  const figures = figuresOf(group);
  return [
    panel("What the group does", ...statesOf(group)),
    figures.length > 0 && panel("Questions and talk", element("ul", { class: "group-facts" }, ...figures)),
  ].filter(Boolean);
}

function statesOf({ states, context, at_ms: atMs, smallest_group: least }) {
  if (atMs === null) {
    return [emptyState("Nothing yet.", "The figures are of whole minutes, from the first one on.")];
  }
  if (states === null) {
    return [
      emptyState(
        `Fewer than ${least} learners, so nothing is shown.`,
        "A figure about a few would be about each of them.",
      ),
    ];
  }
  const shown = STATES.filter((state) => states[state] > 0);
  return [
    contextWords(context) && element("p", { class: "help" }, `${contextWords(context)}.`),
    element("ul", { class: "shares" }, ...shown.map((state) => share(state, states[state]))),
  ];
}

function share(state, value) {
  const { word, glyph, tone } = stateWords(state);
  const bar = element("span", { class: "share-bar", "aria-hidden": "true" });
  bar.style.setProperty("--share", String(value));
  return element(
    "li",
    { class: "share", "data-tone": tone },
    icon(glyph),
    element("span", { class: "share-word" }, word),
    bar,
    element("span", { class: "share-value" }, `about ${Math.round(value * 10)} in 10`),
  );
}

function figuresOf(group) {
  const { tutor_talk_share: talk, wait_time_ms_median: wait, questions } = group;
  return [
    talk !== null && `${Math.round(talk * 100)}\u00a0% of the talk is by those who teach`,
    questions !== null && `${questions} ${questions === 1 ? "question" : "questions"} asked`,
    wait !== null && `${secondsOf(wait)} until somebody answers (median)`,
  ]
    .filter(Boolean)
    .map((words) => element("li", {}, words));
}
