/** One learner at a glance, and on demand why: a picture, a word, and how far to rely on it. */

import { TAKEN_BACK, contestOf } from "../record/engagement.js";
import { STANDING_WORDS, lasting, meaningOf, stateWords } from "../record/engagement_words.js";
import { clock } from "../record/words.js";
import { element, icon, renderWhenChanged, setText } from "./element.js";
import { capital, profileList, reasonsOf } from "./inference.js";

/** @param {import("../record/group.js").Tile} tile @param {number} nowMs on the lesson clock */
function noteOf({ standing, span }, nowMs) {
  if (standing === "withdrawn") return "Took back consent: nothing is inferred";
  if (standing === "waiting") return "No signal so far";
  if (standing === "stale") {
    return `For ${lasting(nowMs - span.toldMs)}; before: ${stateWords(span.state).word.toLowerCase()}`;
  }
  if (standing === "contested") return "Contested: not counted";
  return `For ${lasting(nowMs - span.sinceMs)}`;
}

/** @param {import("../record/group.js").Tile} tile */
const faceOf = (tile) => STANDING_WORDS[tile.standing] ?? stateWords(tile.state);

/**
 * The tile is made once and changed in place, so that it keeps its place, its focus and what is open.
 * @param {string} lessonId @param {string} id of the participant
 */
export function createLearnerTile(lessonId, id) {
  const glyph = element("span", { class: "tile-glyph" });
  const name = element("span", { class: "tile-name" });
  const state = element("span", { class: "tile-state" });
  const note = element("span", { class: "tile-note" });
  const hand = element("span", { class: "tile-hand" }, icon("hand"), "Hand raised");
  const reasons = element("div", { class: "tile-reasons", id: `reasons-${id}`, hidden: true });
  const face = element(
    "button",
    {
      type: "button",
      class: "tile-face",
      "aria-expanded": "false",
      "aria-controls": reasons.id,
      onclick: () => toggle(reasons.hidden),
      onkeydown: (event) => event.key === "Escape" && toggle(false),
    },
    glyph,
    name,
    state,
    note,
    hand,
  );
  const node = element("li", { class: "tile", "data-participant-id": id }, face, reasons);
  let shown = null;

  function toggle(open) {
    reasons.hidden = !open;
    node.classList.toggle("tile-open", open);
    face.setAttribute("aria-expanded", String(open));
    drawReasons();
  }

  function drawReasons() {
    if (reasons.hidden || shown === null) return;
    const { tile, record } = shown;
    const profile = record.engagement.profiles.get(id) ?? null;
    const contest = tile.span && contestOf(record.engagement, tile.span);
    renderWhenChanged(reasons, [tile, contest, profile], () =>
      reasonNodes(tile, { contest, profile, lessonId, events: record.events }),
    );
  }

  /**
   * @param {import("../record/group.js").Tile} tile
   * @param {import("../record/record.js").LessonRecord} record @param {number} nowMs
   */
  function update(tile, record, nowMs) {
    shown = { tile, record };
    const words = faceOf(tile);
    Object.assign(node.dataset, { tone: words.tone, state: tile.state, standing: tile.standing });
    renderWhenChanged(glyph, words.glyph, () => [icon(words.glyph)]);
    setText(name, tile.name);
    setText(state, words.word);
    setText(note, noteOf(tile, nowMs));
    hand.hidden = !tile.handRaised;
    drawReasons();
  }

  return { node, face, update };
}

function reasonNodes(tile, { contest, profile, lessonId, events }) {
  const { span, standing } = tile;
  const what =
    standing === "fresh" || standing === "contested"
      ? `${meaningOf(tile.state, tile.name)} So since ${clock(span.sinceMs)}.`
      : `${capital(noteless(standing))}.`;
  const page = `#/lessons/${lessonId}/about/${tile.id}`;
  return [
    element("p", {}, what),
    contest && element("p", { class: "contest-note" }, contestWords(contest)),
    ...(span ? reasonsOf(span, lessonId, events) : []),
    profile && element("h3", {}, "In the last minutes"),
    profile && profileList(profile),
    element("p", {}, element("a", { href: page }, `What ${tile.name} sees of this`)),
  ].filter(Boolean);
}

const noteless = (standing) =>
  ({
    withdrawn: "consent to signals was taken back, so nothing is inferred, and nothing is shown",
    waiting: "no signal has come yet",
    stale: "no signal has come for a while; the last one is below, and may hold no more",
  })[standing];

/** @param {import("../record/engagement.js").Contest} contest */
export function contestWords({ outcome, remark, review }) {
  const said = remark ? ` “${remark}”` : "";
  const answered = review ? ` “${review}”` : "";
  if (outcome === null) return `Contested, and waits for review.${said}`;
  if (outcome === TAKEN_BACK) return `Contested and taken back: it counts nowhere.${said}${answered}`;
  return `Contested and reviewed: it stands.${said}${answered}`;
}
