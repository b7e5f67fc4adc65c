/** Which captions engine is loaded, why, and how often it is wrong, in plain words. */

import { getModels } from "../client/api.js";
import { explain } from "../client/http.js";
import { element } from "./element.js";

/** "about 1 word in 4" for a word error rate of 0.25. @param {number} rate */
function wrongWords(rate) {
  if (rate >= 0.3) return `about ${Math.round(rate * 10)} words in 10`;
  return rate <= 0 ? "almost no word" : `about 1 word in ${Math.round(1 / rate)}`;
}

const percent = (rate) => `${Math.round(rate * 100)}\u00a0%`;

/** @param {{word_error_rate: number, low: number, high: number, data: string} | null} accuracy */
function accuracyLine(accuracy) {
  if (!accuracy) return "How often it is wrong has not been measured for this model.";
  const { word_error_rate: rate, data } = accuracy;
  return `It gets ${wrongWords(rate)} wrong: a word error rate of ${percent(rate)} on ${data}.`;
}

/** The API gives the reason as a clause of its own. @param {string} reason "Because ..." */
const chosen = (reason) => reason.replace(/^because /i, "It was chosen because ");

/** @returns {HTMLElement} filled in when the answer is there */
export function engineNote() {
  const body = element(
    "div",
    { class: "engine-body" },
    element("p", {}, "Asking the captions engine…"),
  );
  fill(body);
  return element(
    "section",
    { class: "engine", "aria-labelledby": "engine-title" },
    element("h2", { id: "engine-title" }, "Captions engine"),
    body,
  );
}

async function fill(body) {
  try {
    const { captions } = await getModels();
    if (!captions.engine) {
      body.replaceChildren(element("p", {}, captions.reason));
      return;
    }
    body.replaceChildren(
      element(
        "p",
        { class: "engine-name" },
        `${captions.engine} · ${captions.model} · ${captions.device}`,
      ),
      element("p", {}, accuracyLine(captions.accuracy)),
      captions.reason && element("p", { class: "help" }, chosen(captions.reason)),
    );
  } catch (error) {
    // Lessons can be read without it, so this is no alarm.
    body.replaceChildren(element("p", {}, explain(error)));
  }
}
