/**
 * The board: captions as they are spoken, one block per speaker. It is hidden from screen readers,
 * which get every final, once, from the transcript.
 */

import { CueRoll, LINE_CHARACTERS } from "../record/cues.js";
import { roleName } from "../record/words.js";
import { element, setText } from "./element.js";

/** A speaker quiet for this long gives up the place when the next caption begins. */
const PLACE_KEPT_MS = 15_000;
/** More speakers than this at once cannot be read; the one quiet longest gives way. */
const SPEAKERS_ON_SHOW = 3;
const TICK_MS = 100;
/** Average advance of a character in the caption face, as a part of its size. */
const CHARACTER_WIDTH = 0.56;

class SpeakerBlock {
  /** @param {string} name @param {string} role @param {number} hue index into the chalk colours */
  constructor(name, role, hue) {
    this.roll = new CueRoll();
    this.lastMs = 0;
    this.lines = [element("p", { class: "cue-line" }), element("p", { class: "cue-line" })];
    this.node = element(
      "div",
      { class: `cue cue-hue-${hue}`, "data-state": "empty" },
      element(
        "p",
        { class: "cue-speaker" },
        element("span", { class: "cue-name" }, name),
        element("span", { class: "cue-role" }, roleName(role)),
      ),
      element("div", { class: "cue-lines" }, ...this.lines),
    );
  }

  /** @param {number} nowMs @returns {import("../record/cues.js").CueWord[]} what is on show */
  draw(nowMs) {
    const { lines, captionId, partial } = this.roll.visible(nowMs);
    const state = lines.length === 0 ? "empty" : partial ? "partial" : "final";
    if (this.node.dataset.state !== state) this.node.dataset.state = state;
    if (captionId !== null) this.node.dataset.captionId = captionId;
    this.lines.forEach((line, index) => drawLine(line, lines[index] ?? []));
    return lines.flat();
  }
}

const joined = (words) => words.map((word) => word.text).join(" ");

/** Two runs a line, so that a word read as stable keeps its element and its place. */
function drawLine(node, words) {
  if (node.childElementCount === 0) {
    node.append(element("span", { class: "stable" }), element("span", { class: "unstable" }));
  }
  const firstUnstable = words.findIndex((word) => !word.stable);
  const cut = firstUnstable < 0 ? words.length : firstUnstable;
  const [stable, unstable] = node.children;
  const space = cut > 0 && cut < words.length ? " " : "";
  setText(stable, joined(words.slice(0, cut)) + space);
  setText(unstable, joined(words.slice(cut)));
}

/** Calls back when the browser has painted what was drawn; never while the page is hidden. */
const afterPaint = (done) =>
  requestAnimationFrame(() => setTimeout(() => done(performance.now()), 0));

/**
 * @param {(words: import("../record/cues.js").CueWord[], at: number) => void} [onPainted] told what
 *   stands on the board whenever that has changed, and when it was painted (`performance.now()`)
 * @returns {{node: HTMLElement, showPartial: Function, showFinal: Function, setQuiet: Function,
 *   close: () => void}}
 */
export function createBoard(onPainted = () => {}) {
  const quiet = element("p", { class: "board-quiet" });
  const cues = element("div", { class: "cues" });
  const node = element("div", { class: "board", "aria-hidden": "true" }, quiet, cues);
  /** @type {Map<string, SpeakerBlock>} */
  const blocks = new Map();
  const hues = new Map();

  function blockOf(caption) {
    // A caption that was typed for somebody has no track of theirs.
    const seat = caption.trackId ?? caption.participantId;
    const known = blocks.get(seat);
    if (known) return known;
    if (!hues.has(caption.participantId)) hues.set(caption.participantId, hues.size % 6);
    const block = new SpeakerBlock(caption.name, caption.role, hues.get(caption.participantId));
    place(seat, block);
    return block;
  }

  /** At that moment the reader's eye moves anyway. */
  function clearPlaces(nowMs) {
    for (const [trackId, block] of blocks) {
      if (nowMs - block.lastMs < PLACE_KEPT_MS) continue;
      block.node.remove();
      blocks.delete(trackId);
    }
  }

  function place(trackId, block) {
    block.roll.limit = lineCharacters(node);
    if (blocks.size < SPEAKERS_ON_SHOW) cues.append(block.node);
    else {
      const [idleId, idle] = [...blocks].reduce((one, other) =>
        other[1].lastMs < one[1].lastMs ? other : one,
      );
      idle.node.replaceWith(block.node);
      blocks.delete(idleId);
    }
    blocks.set(trackId, block);
  }

  let painted = "";
  function draw(nowMs) {
    const words = [...blocks.values()].flatMap((block) => block.draw(nowMs));
    const shown = words.map((word) => `${word.captionId} ${word.index} ${word.text}`).join();
    if (shown === painted) return;
    painted = shown;
    if (words.length > 0) afterPaint((at) => onPainted(words, at));
  }

  const tick = () => {
    draw(performance.now());
    const speaking = [...blocks.values()].some((block) => block.node.dataset.state !== "empty");
    node.classList.toggle("board-silent", !speaking);
  };
  const timer = setInterval(tick, TICK_MS);
  const resized = new ResizeObserver(() => {
    for (const block of blocks.values()) block.roll.limit = lineCharacters(node);
  });
  resized.observe(node);
  tick();

  function show(caption, put) {
    const nowMs = performance.now();
    clearPlaces(nowMs);
    const block = blockOf(caption);
    block.lastMs = nowMs;
    put(block.roll, nowMs);
    draw(nowMs);
  }

  return {
    node,
    showPartial: (caption) =>
      show(caption, (roll, nowMs) =>
        roll.showPartial(caption.captionId, caption.stableText, caption.unstableText, nowMs),
      ),
    showFinal: (caption) =>
      show(caption, (roll, nowMs) => roll.showFinal(caption.captionId, caption.text, nowMs)),
    setQuiet: (text) => setText(quiet, text),
    close: () => {
      clearInterval(timer);
      resized.disconnect();
    },
  };
}

/** About 32, fewer where large type on a narrow screen leaves no room for them. */
function lineCharacters(board) {
  const cues = board.querySelector(".cues");
  const size = Number.parseFloat(getComputedStyle(cues).fontSize);
  const room = Math.floor(cues.clientWidth / (size * CHARACTER_WIDTH));
  return Math.max(12, Math.min(LINE_CHARACTERS, room || LINE_CHARACTERS));
}
