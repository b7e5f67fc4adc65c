/** Why something was inferred of a learner: the observations in plain words, the events, the version. */

import { PROFILE_WORDS, sureness, weight } from "../record/engagement_words.js";
import { clock, counted } from "../record/words.js";
import { element } from "./element.js";

/** Events that are linked; the rest is in the timeline. */
const LINKED_EVENTS = 5;

const bySize = (one, other) => Math.abs(other.strength) - Math.abs(one.strength);

/** A mark and words say on which side it is; the length of the bar, how strongly. */
function observationItem({ text, strength }) {
  const against = strength < 0;
  return element(
    "li",
    { class: against ? "observation observation-against" : "observation" },
    element("span", { class: "observation-mark", "aria-hidden": "true" }, against ? "−" : "+"),
    element("span", {}, text),
    element("span", { class: "observation-weight" }, weight(strength)),
  );
}

/** @param {import("../record/engagement.js").Observation[]} observations the strongest first */
export const observationList = (observations) =>
  element("ul", { class: "observations" }, ...[...observations].sort(bySize).map(observationItem));

/** Links to the events behind it, as far as this reader may see them. */
function evidenceLinks(span, lessonId, events) {
  const wanted = new Set(span.evidence.flatMap(({ event_ids: ids }) => ids));
  const found = events.filter(({ id }) => wanted.has(id)).slice(-LINKED_EVENTS);
  if (found.length === 0) return null;
  const link = ({ ledgersequence, type, lessontimems }) =>
    element(
      "a",
      { href: `#/lessons/${lessonId}/events/${ledgersequence}` },
      `${clock(lessontimems)} ${type}`,
    );
  return element("p", { class: "evidence-links" }, "From: ", ...spaced(found.map(link)));
}

const spaced = (nodes) => nodes.flatMap((node, index) => (index > 0 ? [" · ", node] : [node]));

/**
 * @param {import("../record/engagement.js").Span} span @param {string} lessonId
 * @param {any[]} events of the lesson that the reader may see
 * @returns {HTMLElement[]} the reasons of one state
 */
export const reasonsOf = (span, lessonId, events) =>
  [
    span.observations.length > 0
      ? observationList(span.observations)
      : element("p", { class: "help" }, "No single observation stands out."),
    evidenceLinks(span, lessonId, events),
    element("p", { class: "help" }, sourceOf(span)),
  ].filter(Boolean);

/** Which model said so how often, and how sure it is; of the unknown it is sure of nothing. */
function sourceOf({ state, confidence, model, modelVersion, signalIds }) {
  const from = `${model}, version ${modelVersion}, in ${counted(signalIds.length, "signal")}.`;
  if (state === "unknown") return `Said by ${from}`;
  const estimate = `${Math.round(confidence * 100)}\u00a0% by the model's own estimate`;
  return `${capital(sureness(confidence))}, ${estimate}: ${from}`;
}

export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

const percent = (share) => `${Math.round(share * 100)}\u00a0%`;

/** The content security policy lets no style attribute pass, so properties are set one by one. */
function rangeSpan({ low, high, estimate }) {
  const span = element("span", { class: "range-span" });
  for (const [name, value] of Object.entries({ low, high, estimate })) {
    span.style.setProperty(`--${name}`, String(value));
  }
  return span;
}

function rangeRow([name, [word, meaning]], range) {
  const known = range !== null && range !== undefined;
  const words = known ? `between ${percent(range.low)} and ${percent(range.high)}` : "not known yet";
  return element(
    "div",
    { class: "range", "data-name": name },
    element("dt", {}, word, element("span", { class: "range-meaning" }, meaning)),
    element(
      "dd",
      {},
      element(
        "span",
        { class: "range-bar", "aria-hidden": "true" },
        known && rangeSpan(range),
      ),
      element("span", { class: "range-words" }, words),
    ),
  );
}

/**
 * Four qualities, each with what the model believes it lies between; they are never added up.
 * @param {import("../record/engagement.js").Profile} profile
 */
export const profileList = (profile) =>
  element(
    "dl",
    { class: "profile" },
    ...Object.entries(PROFILE_WORDS).map((entry) => rangeRow(entry, profile[entry[0]])),
  );
