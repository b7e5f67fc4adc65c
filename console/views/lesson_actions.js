/** The buttons at a lesson's head: playing the sample and ending the lesson. */

import { endLesson, playSample } from "../client/api.js";
import { element, icon, renderWhenChanged } from "./element.js";
import { ask, runFromButton } from "./notices.js";

/**
 * @param {import("../client/api.js").Lesson} lesson
 * @param {HTMLElement} problems where a refusal is shown
 */
export function createLessonActions(lesson, problems) {
  const node = element("div", { class: "lesson-actions" });

  async function play(status) {
    const id = await playSample({ ...lesson, status });
    if (id !== lesson.id) location.hash = `#/lessons/${id}`;
    else node.replaceChildren(element("p", { role: "status" }, "The sample is about to begin…"));
  }

  async function end() {
    const sure = await ask({
      title: "End this lesson?",
      text: "Everyone is disconnected and the last words are captioned. The record stays.",
      confirm: "End lesson",
    });
    if (sure) await endLesson(lesson.id);
  }

  function button(content, className, action) {
    const onclick = () => runFromButton(made, problems, action);
    const made = element("button", { type: "button", class: className, onclick }, ...content);
    return made;
  }

  const briefing = () =>
    element("a", { class: "button", href: `#/lessons/${lesson.id}/briefing` }, "Briefing");

  const summary = () =>
    element("a", { class: "button", href: `#/lessons/${lesson.id}/summary` }, "Summary");

  const recaps = () =>
    element("a", { class: "button", href: `#/lessons/${lesson.id}/recaps` }, "Recaps");

  function sample(status) {
    const label = status === "ended" ? "Play a fresh sample" : "Play the sample";
    return button([icon("play"), label], "button button-primary", () => play(status));
  }

  function buttons(status, teaches) {
    if (status === "live") return [briefing(), button(["End lesson"], "button", end)];
    const after = status === "ended" ? [summary(), ...(teaches ? [recaps()] : [])] : [];
    return lesson.sample ? [...after, sample(status)] : [briefing(), ...after];
  }

  /** @param {"scheduled" | "live" | "ended"} status @param {boolean} teaches whether the user does */
  const update = (status, teaches) =>
    renderWhenChanged(node, [status, teaches], () => buttons(status, teaches));
  return { node, update };
}
