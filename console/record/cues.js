/**
 * Live captions as lines that can be read: at most two lines of about 32 characters on show (DCMP
 * Captioning Key), rolled up a line at a time, and never moved once they have been shown.
 */

export const CUE_LINES = 2;
export const LINE_CHARACTERS = 32;
/** A line stays at least this long before the next one pushes it up. */
const LINE_DWELL_MS = 1_000;
/** What is left standing this long after the last change has been read. */
const FINAL_STAYS_MS = 5_000;
/** A partial that is neither changed nor finalised for this long was taken back. */
const PARTIAL_STAYS_MS = 8_000;

/** @typedef {{text: string, stable: boolean, captionId: string, index: number}} CueWord */

/**
 * Breaks words into lines from the first word on, so that more words never move earlier ones.
 * @param {CueWord[]} words @param {number} [limit] characters a line
 * @returns {CueWord[][]}
 */
export function wrapWords(words, limit = LINE_CHARACTERS) {
  const lines = [];
  let length = 0;
  for (const word of words) {
    const fits = lines.length > 0 && length + 1 + word.text.length <= limit;
    if (fits) lines.at(-1).push(word);
    else lines.push([word]);
    length = fits ? length + 1 + word.text.length : word.text.length;
  }
  return lines;
}

/** @param {string} text @param {boolean} stable @returns {CueWord[]} */
const wordsOf = (text, stable) =>
  text
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => ({ text: word, stable }));

/** Each word with its caption and its place there, so that what is on show can be told apart. */
const numbered = (captionId, words) => words.map((word, index) => ({ ...word, captionId, index }));

/** @typedef {{id: string, words: CueWord[], open: boolean}} Segment one caption on the roll */

/** The captions of one track as they pass, in the order in which they began. */
export class CueRoll {
  /** @type {Segment[]} */
  #segments = [];
  #finished = new Set();
  #top = 0;
  #rolledAtMs = 0;
  #changedAtMs = Number.NEGATIVE_INFINITY;

  /** @param {number} [limit] characters a line */
  constructor(limit = LINE_CHARACTERS) {
    this.limit = limit;
  }

  /** @param {string} id @param {string} stable @param {string} unstable @param {number} nowMs */
  showPartial(id, stable, unstable, nowMs) {
    if (this.#finished.has(id)) return;
    const words = [...wordsOf(stable, true), ...wordsOf(unstable, false)];
    this.#put({ id, words: numbered(id, words), open: true }, nowMs);
  }

  /** @param {string} id @param {string} text @param {number} nowMs */
  showFinal(id, text, nowMs) {
    this.#finished.add(id);
    this.#put({ id, words: numbered(id, wordsOf(text, true)), open: false }, nowMs);
  }

  #put(segment, nowMs) {
    if (!this.#standing(nowMs)) this.#clear(nowMs);
    const known = this.#segments.findIndex((one) => one.id === segment.id);
    if (known >= 0) this.#segments[known] = segment;
    else this.#segments.push(segment);
    this.#changedAtMs = nowMs;
  }

  #clear(nowMs) {
    this.#segments = [];
    this.#top = 0;
    this.#rolledAtMs = nowMs;
  }

  #isOpen() {
    return this.#segments.some((segment) => segment.open);
  }

  #standing(nowMs) {
    const stays = this.#isOpen() ? PARTIAL_STAYS_MS : FINAL_STAYS_MS;
    return nowMs - Math.max(this.#changedAtMs, this.#rolledAtMs) < stays;
  }

  /**
   * The lines on show at a moment; call it with growing times. Rolls up at most one line a call.
   * @param {number} nowMs
   * @returns {{lines: CueWord[][], captionId: string | null, partial: boolean}} captionId: of the
   *   newest caption; partial: it is still being spoken
   */
  visible(nowMs) {
    if (!this.#standing(nowMs)) return { lines: [], captionId: null, partial: false };
    const wrapped = this.#segments.map((segment) => wrapWords(segment.words, this.limit));
    const lines = wrapped.flat();
    if (lines.length - CUE_LINES > this.#top && nowMs - this.#rolledAtMs >= LINE_DWELL_MS) {
      this.#top += 1;
      this.#rolledAtMs = nowMs;
    }
    this.#top = Math.min(this.#top, Math.max(0, lines.length - 1));
    const shown = lines.slice(this.#top, this.#top + CUE_LINES);
    this.#forget(wrapped.map((part) => part.length));
    const newest = this.#segments.at(-1);
    return { lines: shown, captionId: newest.id, partial: newest.open };
  }

  /** Lets go of the captions that have rolled off. @param {number[]} heights lines of each one */
  #forget(heights) {
    while (this.#segments.length > 1 && !this.#segments[0].open && this.#top >= heights[0]) {
      this.#top -= heights.shift();
      this.#segments.shift();
    }
  }
}
