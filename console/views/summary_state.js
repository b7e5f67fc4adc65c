/** How far a lesson's summary is, in words, with what its reader can do about it. */

import { pause } from "../client/backoff.js";
import { ApiProblem } from "../client/http.js";
import { getSummaryProgress } from "../client/summary_api.js";
import { ABSENT, UNSETTLED, stageWords } from "../record/summary.js";
import { element, renderWhenChanged, setText } from "./element.js";
import { percent } from "./week_chart.js";

const ASK_AGAIN_MS = 2_000;
const LONGEST_MS = 20_000;
/** Whoever may not read the summary does not read how far it is. */
const REFUSED = [401, 403, 404];
const NEWS = ["summary.progressed", "summary.created", "summary.withdrawn", "lesson.ended"];

/**
 * Words for a summary that is not there, or is about to be replaced.
 * @returns {{node: HTMLElement,
 *   show: (progress: import("../client/summary_api.js").Progress, teaches: boolean, isThere: boolean) => void}}
 */
export function createProgressNotice() {
  const words = element("p", { role: "status" });
  const how = element("p", { class: "help" });
  const share = element("div", { class: "summary-share" });
  const node = element("div", { class: "notice summary-waiting" }, element("div", {}, words, how), share);
  let bar = null;

  function show(progress, teaches, isThere) {
    const isWriting = progress.state === "writing";
    const [what, help] = isWriting ? writingWords(progress, isThere) : absentWords(progress, teaches);
    node.hidden = isThere && !isWriting;
    setText(words, what);
    setText(how, help);
    // The share is on show and said to nobody aloud: it changes too often.
    if (!isWriting) bar = null;
    else bar ??= element("progress", { max: "1", "aria-label": "Progress" });
    bar?.setAttribute("value", String(progress.share ?? 0));
    share.replaceChildren(...(bar ? [bar, `${percent(progress.share ?? 0)} is done`] : []));
  }

  return { node, show };
}

const writingWords = (progress, isThere) => [
  `${stageWords(progress)}.`,
  isThere ? "A new version takes the place of this one by itself." : "It appears by itself.",
];

function absentWords({ state }, teaches) {
  const { what, teacher, learner } = ABSENT[state] ?? ABSENT.waiting;
  return [what, teaches ? teacher : learner];
}

/**
 * The same on a lesson's page, from its end on, with the way to the summary.
 * @param {string} lessonId @param {AbortSignal} signal
 */
export function createSummaryState(lessonId, signal) {
  const notice = createProgressNotice();
  const ready = element("p", { class: "notice", role: "status", hidden: true });
  const node = element("div", { hidden: true }, notice.node, ready);
  notice.node.hidden = true;
  let news = new AbortController();
  let isFollowing = false;
  let teaches = false;
  let shown = null;

  function draw() {
    if (shown === null) return;
    const isThere = shown.state === "written";
    node.hidden = false;
    notice.show(shown, teaches, isThere);
    ready.hidden = !isThere;
    renderWhenChanged(ready, isThere, () => (isThere ? readyWords(lessonId) : []));
  }

  async function follow() {
    for (let wait = ASK_AGAIN_MS; !signal.aborted; wait = Math.min(LONGEST_MS, wait * 1.5)) {
      news = new AbortController();
      try {
        shown = await getSummaryProgress(lessonId);
      } catch (error) {
        if (error instanceof ApiProblem && REFUSED.includes(error.status)) return;
      }
      if (signal.aborted) return;
      draw();
      await untilNews(shown !== null && !UNSETTLED.includes(shown.state) ? null : wait);
    }
  }

  /** @param {number | null} longestMs null: there is nothing to ask for until somebody tells */
  function untilNews(longestMs) {
    const either = AbortSignal.any([signal, news.signal]);
    if (longestMs !== null) return pause(longestMs, either);
    return new Promise((resolve) => {
      if (either.aborted) resolve();
      either.addEventListener("abort", resolve, { once: true });
    });
  }

  return {
    node,
    /** @param {any[]} fresh events, of which those who teach get the summary's */
    hear(fresh) {
      if (fresh.some(({ type }) => NEWS.includes(type))) news.abort();
    },
    /** @param {"scheduled" | "live" | "ended"} status @param {boolean} may whether the reader teaches */
    update(status, may) {
      teaches = may;
      draw();
      if (status !== "ended" || isFollowing) return;
      isFollowing = true;
      follow();
    },
  };
}

const readyWords = (lessonId) => [
  element("span", {}, "The summary of this lesson is written."),
  element("a", { class: "button", href: `#/lessons/${lessonId}/summary` }, "Read the summary"),
];
