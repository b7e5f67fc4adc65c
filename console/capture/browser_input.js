/** What the participant does, read from the browser's own events; counts are kept, nothing else. */

const COUNTED_INPUT = {
  keydown: "key_presses",
  click: "clicks",
  pointermove: "pointer_moves",
  scroll: "scrolls",
  input: "edits",
};
const BUCKET_MS = 5_000;
/** A bucket is told so soon after its end that the lesson's tutor sees the moment in it. */
const AFTER_BUCKET_MS = 20;
/** So many buckets without any input are told as well: nothing done is not the same as no report. */
const QUIET_BUCKETS = 3;
/** Browsers wake a hidden page once a minute. One that slept for longer has seen nothing meanwhile. */
const ASLEEP_BUCKETS = 15;
const IDLE_AFTER_MS = 60_000;
/** A tab that is left fires several events; they are read as one. */
const FOCUS_SETTLES_MS = 50;

export class BrowserInput {
  /** Counts by the number of their bucket on the lesson clock. */
  #buckets = new Map();
  /** The first bucket that has not been told, and the one in which this page last looked. */
  #untold = NaN;
  #awakeIn = NaN;
  #timer = 0;
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
    this.#wait();
    signal.addEventListener("abort", () => clearTimeout(this.#timer));
  }

  /** Looks again just after the end of the bucket on the lesson clock. */
  #wait() {
    const intoBucket = (this.lectern.clock.lessonMs() ?? 0) % BUCKET_MS;
    this.#timer = setTimeout(() => {
      this.#tick();
      this.#wait();
    }, BUCKET_MS - intoBucket + AFTER_BUCKET_MS);
  }

  #input(count) {
    const quietMs = Date.now() - this.#lastInputMs;
    this.#lastInputMs += quietMs;
    if (this.#idle) this.#note("active", { idle_ms: quietMs });
    this.#idle = false;
    const bucket = this.#lookInBucket();
    if (Number.isNaN(bucket) || !this.activity) return;
    const counts = this.#buckets.get(bucket) ?? {};
    this.#buckets.set(bucket, { ...counts, [count]: (counts[count] ?? 0) + 1 });
  }

  /** @returns {number} the bucket that it is now; NaN before the lesson, of which nothing is told */
  #lookInBucket() {
    const bucket = Math.floor(this.lectern.clock.lessonMs() / BUCKET_MS);
    if (Number.isNaN(this.#untold)) this.#untold = bucket;
    if (bucket - this.#awakeIn > ASLEEP_BUCKETS) this.#wakeUp(bucket);
    // The gateway's clock may set this one back.
    if (bucket < this.#awakeIn) this.#untold = Math.min(this.#untold, bucket);
    this.#awakeIn = bucket;
    return bucket;
  }

  /** Of the time asleep there is no report, of what was seen before it there is. */
  #wakeUp(bucket) {
    this.#tell(this.#awakeIn);
    this.#untold = bucket;
  }

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
    const bucket = this.#lookInBucket();
    const over = [...this.#buckets.keys()].filter((number) => number !== bucket);
    const isQuiet = bucket - this.#untold >= QUIET_BUCKETS;
    if (over.length > 0 || isQuiet) this.#tell(Math.max(bucket - 1, ...over));
  }

  /** Tells what was counted until now, and where nothing was; the bucket goes on being counted. */
  report() {
    const bucket = this.#lookInBucket();
    this.#tell(Math.max(bucket - 1, ...this.#buckets.keys()));
  }

  /** @param {number} last bucket to tell of */
  #tell(last) {
    const counted = [...this.#buckets.keys()].filter((number) => number <= last);
    const first = Math.min(this.#untold, ...counted);
    if (!this.activity || !(first <= last)) return;
    const length = last - first + 1;
    const buckets = Array.from({ length }, (_, index) => this.#buckets.get(first + index) ?? {});
    for (const number of counted) this.#buckets.delete(number);
    this.#untold = Math.max(this.#untold, last + 1);
    const data = { start_ms: first * BUCKET_MS, bucket_ms: BUCKET_MS, buckets };
    this.lectern.record("activity.counted", data);
  }
}
