/** Which captions engine is loaded, why, and how often it is wrong, in plain words. */

import { getModels } from "../client/api.js";
import { element } from "./element.js";

/** "about 1 word in 4" for a word error rate of 0.25. @param {number} rate */
function wrongWords(rate) {
  if (rate >= 0.3) return `about ${Math.round(rate * 10)} words in 10`;
  return rate <= 0 ? "almost no word" : `about 1 word in ${Math.round(1 / rate)}`;
}

/** @param {any} accuracy one measurement, or several by the speech they were taken on */
function measurements(accuracy) {
  if (!accuracy) return [];
  const list = Array.isArray(accuracy) ? accuracy : (accuracy.measurements ?? [accuracy]);
  return list.filter((entry) => typeof entry.word_error_rate === "number");
}

function accuracyLine(entry) {
  const share = `${Math.round(entry.word_error_rate * 100)} %`;
  const on = entry.corpus ?? entry.on ?? entry.dataset ?? entry.speech;
  const where = on ? ` on ${on}` : "";
  return `It gets ${wrongWords(entry.word_error_rate)} wrong (word error rate ${share}${where}).`;
}

/** @returns {HTMLElement} filled in when the answer is there */
export function engineNote() {
  const body = element("div", { class: "engine-body" }, element("p", {}, "Asking the captions engine…"));
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
    const lines = measurements(captions.accuracy).slice(0, 2).map(accuracyLine);
    if (lines.length === 0) lines.push("Its word error rate has not been measured here.");
    body.replaceChildren(
      element("p", { class: "engine-name" }, `${captions.engine} · ${captions.model}`),
      element("p", {}, [`Runs on ${captions.device}.`, ...lines].join(" ")),
      captions.reason && element("p", { class: "help" }, captions.reason),
    );
  } catch {
    // The engine loads after the gateway; lessons can be read meanwhile, so this is no alarm.
    body.replaceChildren(element("p", {}, "Starting, or not reachable. Captions begin when it is up."));
  }
}
