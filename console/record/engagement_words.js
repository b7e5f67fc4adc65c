/** States, situations and reasons as people read them. A state is a word and a picture, never a colour alone. */

import { clock } from "./words.js";

/**
 * What each state is called, what somebody in it does, its picture, and the tone of its tile.
 * @type {Record<string, {word: string, meaning: string | null, glyph: string, tone: string}>}
 */
export const STATE_WORDS = {
  participating: {
    word: "Taking part",
    meaning: "speaks, writes, answers or raises a hand",
    glyph: "speech",
    tone: "active",
  },
  working: {
    word: "Working",
    meaning: "works in the lesson's page",
    glyph: "pencil",
    tone: "active",
  },
  reading_or_thinking: {
    word: "Reading or thinking",
    meaning: "shows little activity, which fits what is to be done now",
    glyph: "book",
    tone: "quiet",
  },
  struggling_productively: {
    word: "Struggling, getting on",
    meaning: "makes mistakes and gets further: help may come too early",
    glyph: "climb",
    tone: "active",
  },
  stuck: {
    word: "Stuck",
    meaning: "tries, fails or asks, and gets no further: help is welcome",
    glyph: "help",
    tone: "help",
  },
  drifting: {
    word: "Drifting",
    meaning: "does little of what the task asks for, for longer than it explains",
    glyph: "wave",
    tone: "apart",
  },
  tab_hidden: {
    word: "Other window",
    meaning: "has another tab or window in front of the lesson; it may belong to the task",
    glyph: "windows",
    tone: "apart",
  },
  away: {
    word: "Away",
    meaning: "is not at the lesson's page, or has lost the connection",
    glyph: "door",
    tone: "apart",
  },
  unknown: {
    word: "Not enough evidence",
    meaning: null,
    glyph: "dots",
    tone: "unknown",
  },
};

/** Words for the unknown are those of the newest state that this page knows. */
export const stateWords = (state) => STATE_WORDS[state] ?? STATE_WORDS.unknown;

/** What a state says of somebody, as a sentence. @param {string} state @param {string} who */
export function meaningOf(state, who) {
  const { meaning } = stateWords(state);
  return meaning === null ? "Too little is known to say anything." : `${who} ${meaning}.`;
}

const CONTEXTS = {
  explaining: "Somebody explains",
  question_open: "A question is open",
  individual_work: "Everybody works alone",
  group_work: "Group work",
  break: "Break",
};

/** @returns {string} what the lesson is doing; "" where that is not known */
export const contextWords = (context) => CONTEXTS[context] ?? "";

/** @param {number} confidence in 0..1 */
export function sureness(confidence) {
  if (confidence >= 0.85) return "very likely";
  return confidence >= 0.65 ? "likely" : "possible";
}

/** @param {number} strength in -1..1 */
export function weight(strength) {
  const side = strength < 0 ? "against it" : "for it";
  const size = Math.abs(strength);
  if (size >= 0.66) return `speaks strongly ${side}`;
  return size >= 0.33 ? `speaks ${side}` : `speaks a little ${side}`;
}

/** A span of the lesson clock, as 12:05–13:40. */
export const spanWords = (startMs, endMs) => `${clock(startMs)}–${clock(endMs)}`;

/** How long, in the words of somebody who is not in a hurry. @param {number} milliseconds */
export function lasting(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes === 1 ? "1 minute" : `${minutes} minutes`;
}

/** Where nothing holds, the tile says why instead of a state. */
export const STANDING_WORDS = {
  stale: { word: "No news", glyph: "dots", tone: "unknown" },
  waiting: { word: "Nothing known yet", glyph: "dots", tone: "unknown" },
  withdrawn: { word: "Not observed", glyph: "off", tone: "unknown" },
};

export const PROFILE_WORDS = {
  contribution: ["Contribution", "speaking, writing, answering"],
  responsiveness: ["Responsiveness", "answers to what is asked"],
  practice: ["Practice", "working on tasks"],
  help_seeking: ["Help-seeking", "asking when it is needed"],
};

export const ANSWER_WORDS = {
  helpful: "Helpful",
  wrong: "Wrong",
  dismissed: "Dismissed",
};
