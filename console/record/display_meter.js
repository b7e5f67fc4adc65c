/**
 * When the words of captions came to stand on this screen, for the lesson's accessibility record.
 * Pure: it is told what was painted, and when. The arithmetic is that of
 * lessons/accessibility/words_on_show.py.
 */

/** Ends of the buckets of a histogram, in ms, as lessons/accessibility/histogram.py has them. */
export const BUCKET_ENDS_MS = [
  100, 200, 300, 400, 500, 600, 700, 800, 900, 1000, 1200, 1400, 1600, 1800, 2000, 2200, 2400, 2600,
  2800, 3000, 3500, 4000, 4500, 5000, 5500, 6000, 7000, 8000, 9000, 10000, 12000, 15000, 20000,
  30000, 60000,
];
export const BUCKETS = BUCKET_ENDS_MS.length + 1;

/** Words of a final that were not painted by then have rolled off unseen, or never will be. */
const PAINTED_WITHIN_MS = 15_000;

/** @param {number[]} latencies in ms @returns {number[]} how many lie in each bucket */
export function histogram(latencies) {
  const counts = new Array(BUCKETS).fill(0);
  for (const latency of latencies) {
    const bucket = BUCKET_ENDS_MS.findIndex((end) => latency <= end);
    counts[bucket < 0 ? BUCKETS - 1 : bucket] += 1;
  }
  return counts;
}

/** A word without capitals and the marks around it: a change of those is no change. */
const plain = (word) => word.replace(/^[^\p{L}\p{N}_]+|[^\p{L}\p{N}_]+$/gu, "").toLowerCase() || word;

/** @typedef {{words: string[], seenAt: (number | undefined)[], endsMs: number[] | null,
 *   finalAt: number}} Watched one caption; times are of one clock of the page's */

/** @typedef {{caption_id: string, received_ms: number, painted_ms: number}} Painted a final, on the
 *   lesson clock: when the page had it, and when its last word stood */

export class DisplayMeter {
  /** @type {Map<string, Watched>} */
  #captions = new Map();

  /** @param {string} id of the caption @param {string[]} words of its newest revision */
  revise(id, words) {
    const next = words.map(plain);
    const known = this.#captions.get(id) ?? { words: [], seenAt: [], endsMs: null, finalAt: 0 };
    if (known.endsMs !== null) return;
    let stayed = 0;
    while (stayed < next.length && known.words[stayed] === next[stayed]) stayed += 1;
    this.#captions.set(id, { ...known, words: next, seenAt: known.seenAt.slice(0, stayed) });
  }

  /**
   * @param {string} id @param {string[]} words @param {number} now
   * @param {number[]} endsMs when each word ended, on the lesson clock
   */
  finish(id, words, endsMs, now) {
    this.revise(id, words);
    const known = this.#captions.get(id);
    if (endsMs.length !== words.length) this.#captions.delete(id);
    else if (known.endsMs === null) Object.assign(known, { endsMs, finalAt: now });
  }

  /** @param {{id: string, index: number}[]} words that are on the screen @param {number} at */
  painted(words, at) {
    for (const { id, index } of words) {
      const known = this.#captions.get(id);
      if (known && index < known.words.length) known.seenAt[index] ??= at;
    }
  }

  /** Forgets what nobody was looking at: a hidden page paints nothing. */
  clear() {
    this.#captions.clear();
  }

  /**
   * The latencies of the words of all captions that are done with, and when those that were seen
   * whole stood here; each is given once.
   * @param {(at: number) => number} lessonMs lesson clock at a time of the page's
   * @param {number} [now] of the page's clock
   * @returns {{latencies: number[], painted: Painted[]}} in ms
   */
  take(lessonMs, now = performance.now()) {
    const latencies = [];
    const painted = [];
    for (const [id, { endsMs, seenAt, finalAt, words }] of this.#captions) {
      if (endsMs === null) continue;
      const seen = words.every((_, index) => seenAt[index] !== undefined);
      if (!seen && now - finalAt < PAINTED_WITHIN_MS) continue;
      seenAt.forEach((at, index) => latencies.push(Math.max(0, lessonMs(at) - endsMs[index])));
      if (seen && words.length > 0) {
        painted.push({
          caption_id: id,
          received_ms: Math.round(lessonMs(finalAt)),
          painted_ms: Math.round(lessonMs(Math.max(finalAt, ...seenAt))),
        });
      }
      this.#captions.delete(id);
    }
    return { latencies, painted };
  }
}
