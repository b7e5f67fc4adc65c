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

/** @typedef {{text: string, stable: boolean}} CueWord */

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

/** The captions of one track as they pass: finished lines, then those still being spoken. */
export class CueRoll {
  #settled = /** @type {CueWord[][]} */ ([]);
  #open = /** @type {CueWord[]} */ ([]);
  #openId = /** @type {string | null} */ (null);
  #finished = /** @type {string | null} */ (null);
  #top = 0;
  #rolledAtMs = 0;
  #changedAtMs = Number.NEGATIVE_INFINITY;

  /** @param {number} [limit] characters a line */
  constructor(limit = LINE_CHARACTERS) {
    this.limit = limit;
  }

  /** @param {string} captionId @param {string} stable @param {string} unstable @param {number} nowMs */
  showPartial(captionId, stable, unstable, nowMs) {
    if (captionId === this.#finished) return;
    if (this.#openId !== null && captionId !== this.#openId) this.#settle();
    this.#openId = captionId;
    this.#change([...wordsOf(stable, true), ...wordsOf(unstable, false)], nowMs);
  }

  /** @param {string} captionId @param {string} text @param {number} nowMs */
  showFinal(captionId, text, nowMs) {
    if (this.#openId !== null && captionId !== this.#openId) this.#settle();
    this.#finished = captionId;
    this.#change(wordsOf(text, true), nowMs);
    this.#settle();
  }

  #change(words, nowMs) {
    if (!this.#standing(nowMs)) this.#clear(nowMs);
    this.#open = words;
    this.#changedAtMs = nowMs;
  }

  #settle() {
    this.#settled.push(...wrapWords(this.#open, this.limit));
    this.#open = [];
    this.#openId = null;
  }

  #clear(nowMs) {
    this.#settled = [];
    this.#top = 0;
    this.#rolledAtMs = nowMs;
  }

  #standing(nowMs) {
    const stays = this.#openId === null ? FINAL_STAYS_MS : PARTIAL_STAYS_MS;
    return nowMs - Math.max(this.#changedAtMs, this.#rolledAtMs) < stays;
  }

  /**
   * The lines on show at a moment; call it with growing times. Rolls up at most one line a call.
   * @param {number} nowMs
   * @returns {{lines: CueWord[][], partial: boolean}}
   */
  visible(nowMs) {
    const lines = [...this.#settled, ...wrapWords(this.#open, this.limit)];
    if (!this.#standing(nowMs)) return { lines: [], partial: false };
    if (lines.length - CUE_LINES > this.#top && nowMs - this.#rolledAtMs >= LINE_DWELL_MS) {
      this.#top += 1;
      this.#rolledAtMs = nowMs;
    }
    this.#top = Math.min(this.#top, Math.max(0, lines.length - 1));
    const shown = lines.slice(this.#top, this.#top + CUE_LINES);
    const gone = Math.min(this.#top, this.#settled.length);
    this.#settled.splice(0, gone);
    this.#top -= gone;
    return { lines: shown, partial: shown.some((line) => line.some((word) => !word.stable)) };
  }
}
