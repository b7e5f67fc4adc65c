/** A tutor's reflection: moves, wait, equity and questions, in bars beside the tutor's own past. */

import { counted, secondsOf } from "../record/words.js";
import { element } from "./element.js";
import { panel } from "./page.js";
import { percent } from "./week_chart.js";

/** The scale of waits ends at twice the three seconds that bring longer answers (Rowe 1986). */
const LONGEST_WAIT_MS = 6_000;

const same = (value) => value;
const MEASURES = [
  ["talk_share", "Tutor's share of the talk", percent, same],
  ["wait_time_ms_median", "Wait after questions (median)", secondsOf, (ms) => ms / LONGEST_WAIT_MS],
  ["uptake_mean", "Taking up what learners say (0 to 1)", (value) => value.toFixed(2), same],
  ["focusing_share", "Questions that focus on thinking", percent, same],
];

function readable(name) {
  const words = name.replaceAll("_", " ").replace("students", "learners");
  return words[0].toUpperCase() + words.slice(1);
}

/** @param {any} one a reflection @param {string} title @param {(id: string) => string} nameOf */
export function reflectionPanel(one, title, nameOf) {
  const { past } = one;
  return panel(
    title,
    element(
      "p",
      { class: "help" },
      "For the tutor alone: no colleague reads it. It compares with nobody else. ",
      past
        ? `The line on a bar is the mean of ${counted(past.lessons, "earlier lesson")} of the course.`
        : "There is no earlier lesson of the course to compare with.",
    ),
    element(
      "div",
      { class: "reflection" },
      figure("Talk moves", moveBars(one), "Told from the words alone, and often wrong."),
      figure("Turns of each learner", turnBars(one, nameOf)),
      figure("Questions", questionBars(one)),
      figure("Share and pace", shareBars(one)),
    ),
  );
}

function figure(title, bars, note = null) {
  if (bars.length === 0) return null;
  return element(
    "figure",
    {},
    element("figcaption", {}, title),
    element("dl", { class: "bars" }, ...bars),
    note && element("p", { class: "help" }, note),
  );
}

/**
 * @param {string} name @param {string} words the figure in words, past included
 * @param {number} share 0..1 @param {number | null} [before] the past's share
 */
function bar(name, words, share, before = null) {
  const picture = element("span", { class: "bar", "aria-hidden": "true" });
  picture.style.setProperty("--share", String(Math.min(1, share)));
  if (before !== null) {
    const line = element("span", { class: "bar-past" });
    line.style.setProperty("--past", String(Math.min(1, before)));
    picture.append(line);
  }
  return element("div", {}, element("dt", {}, name), element("dd", {}, picture, words));
}

const against = (words, before) => (before === null ? words : `${words} (before: ${before})`);

function moveBars({ moves, past }) {
  const names = [...new Set([...Object.keys(moves), ...Object.keys(past?.move_shares ?? {})])];
  const total = Object.values(moves).reduce((sum, count) => sum + count, 0);
  return names.map((name) => {
    const share = total > 0 ? (moves[name] ?? 0) / total : 0;
    const before = past ? (past.move_shares[name] ?? 0) : null;
    const words = `${moves[name] ?? 0}, ${percent(share)}`;
    const told = against(words, before === null ? null : percent(before));
    return bar(readable(name), told, share, before);
  });
}

/** In the order of names: whoever speaks least is nobody's rank. */
function turnBars({ turns_by_learner: turns }, nameOf) {
  const most = Math.max(1, ...Object.values(turns));
  return Object.entries(turns)
    .map(([id, count]) => [nameOf(id), count])
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([name, count]) => bar(name, counted(count, "turn"), count / most));
}

function questionBars({ questions, questions_by_kind: kinds, past }) {
  const before = past?.questions ?? null;
  const most = Math.max(1, questions, before ?? 0);
  const all = against(String(questions), before === null ? null : before.toFixed(1));
  return [
    bar("All", all, questions / most, before === null ? null : before / most),
    ...Object.entries(kinds).map(([kind, count]) => bar(readable(kind), String(count), count / most)),
  ];
}

function shareBars({ past, ...now }) {
  return MEASURES.filter(([field]) => now[field] !== null).map(([field, name, words, share]) => {
    const before = past?.[field] ?? null;
    const told = against(words(now[field]), before === null ? null : words(before));
    return bar(name, told, share(now[field]), before === null ? null : share(before));
  });
}
