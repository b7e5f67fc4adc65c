/** The lesson clock on this page, set by the gateway's; and reports of when words stood here. */

import { BUCKETS, histogram } from "../record/display_meter.js";
import { reportDisplay } from "./captions_api.js";
import { ApiProblem } from "./http.js";

const REPORT_EVERY_MS = 30_000;
/** Finals that one report may name. */
const MOST_CAPTIONS = 50;

/** Milliseconds on the lesson clock, as far as round trips tell it. */
export class LessonTime {
  #offsetMs = 0;
  /** The clock may be off by as much; infinite until it was set. */
  uncertaintyMs = Number.POSITIVE_INFINITY;

  /** @param {number} nowMs lesson clock at the gateway, between two times of `performance.now()` */
  observe(nowMs, sentAt, receivedAt) {
    const uncertainty = (receivedAt - sentAt) / 2;
    if (uncertainty > this.uncertaintyMs) return;
    this.uncertaintyMs = uncertainty;
    this.#offsetMs = nowMs - (sentAt + receivedAt) / 2;
  }

  get isSet() {
    return Number.isFinite(this.uncertaintyMs);
  }

  /** @param {number} [at] of `performance.now()` */
  at(at = performance.now()) {
    return Math.max(0, at + this.#offsetMs);
  }
}

/**
 * Sends a report and sets the clock by its answer; one without words only asks for the clock.
 * @param {string} lessonId @param {LessonTime} time @param {number[]} counts @param {number} startMs
 * @param {import("../record/display_meter.js").Painted[]} [captions] finals that were seen whole
 */
export async function report(lessonId, time, counts, startMs, captions = []) {
  const sentAt = performance.now();
  const answer = await reportDisplay(lessonId, {
    start_ms: Math.round(startMs),
    end_ms: Math.round(Math.max(startMs, time.isSet ? time.at() : 0)),
    word_to_screen: counts,
    clock_uncertainty_ms: time.isSet ? Math.ceil(time.uncertaintyMs) : 0,
    captions: captions.slice(-MOST_CAPTIONS),
  });
  time.observe(answer.now_ms, sentAt, performance.now());
}

/**
 * Reports what the meter saw, every half a minute, until `signal` aborts. What cannot be sent is
 * let go: it is a measurement, and the next one follows.
 * @param {string} lessonId @param {import("../record/display_meter.js").DisplayMeter} meter
 * @param {AbortSignal} signal
 */
export function reportWhileLive(lessonId, meter, signal) {
  const time = new LessonTime();
  const silence = new Array(BUCKETS).fill(0);
  let startMs = 0;
  const send = async (counts, captions = []) => {
    try {
      await report(lessonId, time, counts, startMs, captions);
      startMs = time.at();
    } catch (error) {
      // Else the lesson is over, or the gateway is away.
      if (error instanceof ApiProblem && error.status === 403) stop();
    }
  };
  const tick = () => {
    if (!time.isSet) return void send(silence);
    const { latencies, painted } = meter.take((at) => time.at(at));
    send(latencies.length > 0 ? histogram(latencies) : silence, painted);
  };
  const timer = setInterval(tick, REPORT_EVERY_MS);
  const gone = () => document.visibilityState === "hidden" && tick();
  document.addEventListener("visibilitychange", gone);
  const stop = () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", gone);
  };
  signal.addEventListener("abort", stop);
  send(silence);
}
