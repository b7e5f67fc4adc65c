/** The group at a glance for whoever teaches: a strip, a tile a learner, and a few quiet words. */

import { contextWords, stateWords } from "../record/engagement_words.js";
import { contextOf, countsOf, tilesOf } from "../record/group.js";
import { createContestReviews } from "./contest_reviews.js";
import { element, icon, renderWhenChanged, setText } from "./element.js";
import { createEquityHints } from "./equity_hints.js";
import { createLearnerTile } from "./learner_tile.js";
import { createNudgeQueue } from "./nudge_queue.js";

const TICK_MS = 1_000;
/** Steps of the arrow keys; up and down go by rows. */
const ACROSS = { ArrowLeft: -1, ArrowRight: 1 };

/**
 * @param {string} lessonId @param {(id: string) => string} nameOf a participant in words
 * @param {import("../client/lesson_now.js").LessonNow} now @param {AbortSignal} signal
 */
export function createEngagementPanel(lessonId, nameOf, now, signal) {
  const parts = {
    nudges: createNudgeQueue(lessonId, nameOf),
    contests: createContestReviews(lessonId, nameOf),
    hints: createEquityHints(nameOf),
  };
  const context = element("p", { class: "group-context" });
  const strip = element("ul", { class: "group-strip", "aria-label": "States of the group" });
  const list = element("ul", { class: "tiles", "aria-label": "Learners", onkeydown: moveFocus });
  const tiles = new Map();
  const node = element(
    "section",
    { class: "group", "aria-labelledby": "group-title", hidden: true },
    element(
      "div",
      { class: "captions-bar" },
      element("h2", { id: "group-title" }, "The group"),
      context,
      element("a", { href: `#/lessons/${lessonId}/group` }, "As observers see it"),
    ),
    strip,
    parts.nudges.node,
    list,
    parts.hints.node,
    parts.contests.node,
  );
  let shown = null;
  let allowed = false;

  /** Whoever uses the keyboard goes from tile to tile by arrows as well. @param {KeyboardEvent} event */
  function moveFocus(event) {
    const faces = [...list.querySelectorAll(".tile-face")];
    const at = faces.indexOf(document.activeElement);
    const step = ACROSS[event.key] ?? rowStep(faces, at, event.key);
    if (at < 0 || step === 0) return;
    event.preventDefault();
    faces[at + step]?.focus();
  }

  function tileFor(id) {
    if (!tiles.has(id)) tiles.set(id, createLearnerTile(lessonId, id));
    return tiles.get(id);
  }

  function draw() {
    if (shown === null || !allowed) return;
    const { record, expected } = shown;
    now.observe(record);
    const nowMs = now.ms();
    const learners = tilesOf(record, expected, nowMs);
    node.hidden = !isKnown(record.engagement) || learners.length === 0;
    setText(context, contextWords(contextOf(learners)));
    drawStrip(strip, learners);
    renderWhenChanged(list, learners.map(({ id }) => id), () =>
      learners.map(({ id }) => tileFor(id).node),
    );
    for (const tile of learners) tileFor(tile.id).update(tile, record, nowMs);
    for (const part of Object.values(parts)) part.update(record);
  }

  const timer = setInterval(() => shown?.record.status === "live" && draw(), TICK_MS);
  signal.addEventListener("abort", () => clearInterval(timer));

  return {
    node,
    /** @param {boolean} may whether the user may see what is inferred about others */
    allow(may) {
      allowed = may;
      draw();
    },
    /** @param {import("../record/record.js").LessonRecord} record @param {any[]} expected */
    update(record, expected) {
      shown = { record, expected };
      draw();
    },
  };
}

const isKnown = ({ spans, participation }) => spans.size > 0 || participation !== null;

/** Down and up: the tile in the same column of the next row, wherever the rows break. */
function rowStep(faces, at, key) {
  const down = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (down === undefined || at < 0) return 0;
  const { left, top } = faces[at].getBoundingClientRect();
  const beyond = faces
    .map((face, index) => ({ index, box: face.getBoundingClientRect() }))
    .filter(({ box }) => (box.top - top) * down > 1)
    .sort((one, other) => Math.abs(one.index - at) - Math.abs(other.index - at));
  const inColumn = beyond.find(({ box }) => Math.abs(box.left - left) < 1) ?? beyond[0];
  return inColumn ? inColumn.index - at : 0;
}

/** @param {HTMLElement} strip @param {import("../record/group.js").Tile[]} learners */
function drawStrip(strip, learners) {
  const counts = countsOf(learners);
  const others = learners.length - counts.reduce((sum, [, count]) => sum + count, 0);
  renderWhenChanged(strip, [counts, others], () => [
    ...counts.map(([state, count]) => {
      const { word, glyph, tone } = stateWords(state);
      return stripItem(tone, glyph, count, word);
    }),
    ...(others > 0 ? [stripItem("unknown", "dots", others, "not counted")] : []),
  ]);
}

const stripItem = (tone, glyph, count, word) =>
  element(
    "li",
    { class: "strip-item", "data-tone": tone },
    icon(glyph),
    element("span", { class: "strip-count" }, String(count)),
    element("span", { class: "strip-word" }, word),
  );
