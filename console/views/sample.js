/** The sample lesson, first on the page: the quickest way to see captions come. */

import { playSample } from "../client/api.js";
import { element, icon } from "./element.js";
import { runFromButton } from "./notices.js";

const INVITATIONS = {
  scheduled: "Play the sample",
  live: "Watch it play",
  ended: "Play a fresh one",
};

/** @param {import("../client/api.js").Lesson} lesson */
export function sampleFeature(lesson) {
  const place = element("div");
  const button = element(
    "button",
    {
      type: "button",
      class: "button button-chalk",
      onclick: () =>
        runFromButton(button, place, async () => {
          location.hash = `#/lessons/${await playSample(lesson)}`;
        }),
    },
    icon("play"),
    INVITATIONS[lesson.status],
  );
  return element(
    "section",
    { class: "sample", "aria-labelledby": "sample-title" },
    element("p", { class: "eyebrow" }, "Sample lesson"),
    element("h2", { id: "sample-title" }, lesson.title),
    element(
      "p",
      { class: "sample-text" },
      "A tutor and a class, about five minutes. Two voices are sent over a real WebRTC connection and captioned by the engine this installation runs; what the class's browsers tell becomes what the tutor sees of the group.",
    ),
    element(
      "div",
      { class: "sample-actions" },
      button,
      lesson.status !== "scheduled" &&
        element("a", { href: `#/lessons/${lesson.id}` }, "Read what was said"),
    ),
    place,
  );
}
