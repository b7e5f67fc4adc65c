/** What the participant does, read from the browser's own events; counts are kept, nothing else. */

const COUNTED_INPUT = {
  keydown: "key_presses",
  click: "clicks",
  pointermove: "pointer_moves",
  scroll: "scrolls",
  input: "edits",
};
const BUCKET_MS = 5_000;
/** Buckets of one event: half a minute of counts is what a crash may cost. */
const EVENT_BUCKETS = 6;
const IDLE_AFTER_MS = 60_000;
/** A tab that is left fires several events; they are read as one. */
const FOCUS_SETTLES_MS = 50;

export class BrowserInput {
  /** Counts by the number of their bucket on the lesson clock. */
  #buckets = new Map();
  #lastInputMs = Date.now();
  #idle = false;
  #away = /** @type {"tab" | "window" | null} */ (null);

  /** @param {Lectern} lectern @param {AbortSignal} signal */
  constructor(lectern, { attention = true, activity = true }, signal) {
    Object.assign(this, { lectern, attention, activity });
    for (const [type, count] of Object.entries(COUNTED_INPUT)) {
      const options = { signal, passive: true, capture: true };
      addEventListener(type, () => this.#input(count), options);
    }
    const look = () => setTimeout(() => this.#look(), FOCUS_SETTLES_MS);
    for (const type of ["focus", "blur"]) addEventListener(type, look, { signal });
    document.addEventListener("visibilitychange", look, { signal });
    // A phone may end a page in the background without another word.
    const reportHidden = () => document.hidden && this.report();
    document.addEventListener("visibilitychange", reportHidden, { signal });
    const timer = setInterval(() => this.#tick(), BUCKET_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
  }

  #input(count) {
    const quietMs = Date.now() - this.#lastInputMs;
    this.#lastInputMs += quietMs;
    if (this.#idle) this.#note("active", { idle_ms: quietMs });
    this.#idle = false;
    const bucket = this.#bucketNow();
    if (Number.isNaN(bucket)) return;
    const counts = this.#buckets.get(bucket) ?? {};
    this.#buckets.set(bucket, { ...counts, [count]: (counts[count] ?? 0) + 1 });
  }

  /** @returns {number} NaN before the lesson: what happens then is not of the lesson */
  #bucketNow = () => Math.floor(this.lectern.clock.lessonMs() / BUCKET_MS);

  #note(what, data) {
    if (this.attention) this.lectern.record(`attention.${what}`, data);
  }

  /** A frame within the page that has the focus is the page still: hasFocus() knows. */
  #look() {
    const away = document.hidden ? "tab" : document.hasFocus() ? null : "window";
    if ((away === null) === (this.#away === null)) return;
    this.#note(away ? "blurred" : "focused", { surface: away ?? this.#away });
    this.#away = away;
  }

  #tick() {
    const quietMs = Date.now() - this.#lastInputMs;
    if (!this.#idle && quietMs >= IDLE_AFTER_MS) {
      this.#idle = true;
      this.#note("idle", { idle_ms: quietMs });
    }
    if (this.#bucketNow() >= Math.min(...this.#buckets.keys()) + EVENT_BUCKETS) this.report();
  }

  /** Tells what was counted; where nothing was, there is no event. */
  report() {
    const numbers = [...this.#buckets.keys()];
    const first = Math.min(...numbers);
    const length = Math.max(...numbers) - first + 1;
    if (!this.activity || numbers.length === 0) return;
    const buckets = Array.from({ length }, (_, index) => this.#buckets.get(first + index) ?? {});
    this.#buckets.clear();
    const data = { start_ms: first * BUCKET_MS, bucket_ms: BUCKET_MS, buckets };
    this.lectern.record("activity.counted", data);
  }
}
