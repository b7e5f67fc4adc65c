/** A recap as its guardians read it: one calm page, labelled as written by a machine. */

import { downloadRecapPage, getRecapPage } from "../client/recaps_api.js";
import { action } from "./administration.js";
import { save } from "./downloads.js";
import { element } from "./element.js";
import { tellMachines } from "./machine_made.js";
import { runFromButton } from "./notices.js";
import { openPage } from "./page.js";

/** @param {HTMLElement} root @param {string} lessonId @param {string} participantId */
export function openRecapPage(root, lessonId, participantId, moveFocus) {
  const place = element("div");
  const keep = action("Keep a copy", () =>
    runFromButton(keep, place, async () =>
      save(await downloadRecapPage(lessonId, participantId), `recap-${participantId}.html`),
    ),
  );
  const leave = openPage(
    root,
    { title: "Recap", loading: "Fetching the page…", moveFocus, actions: [keep] },
    async (_signal, setTitle) => {
      const page = await getRecapPage(lessonId, participantId);
      setTitle(page.title);
      tellMachines(page.ai_label.digital_source_type);
      return [place, recap(page)];
    },
  );
  return () => {
    tellMachines(null);
    leave();
  };
}

function recap({ sections, ai_label: label, reading_level: level }) {
  return element(
    "article",
    { class: "recap-page" },
    ...sections.map(({ heading, lines }) =>
      element(
        "section",
        {},
        element("h2", {}, heading),
        element("ul", {}, ...lines.map((line) => element("li", {}, line))),
      ),
    ),
    element(
      "footer",
      { class: "recap-label" },
      element("p", {}, element("strong", {}, label.sentence)),
      element("p", { class: "help" }, level),
    ),
  );
}
