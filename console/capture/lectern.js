/**
 * Lectern in a classroom page: captures what happens in the browser as learning events, and
 * publishes microphone, camera and screen. One module, no dependencies, no configuration:
 *
 *   import { Lectern } from "https://lectern.example/lectern.js";
 *   const lectern = await Lectern.join({ token: () => fetch("/my-token").then((r) => r.text()) });
 *   await lectern.publish({ video: true });
 *
 * Lectern.join({ token, server, capture })
 *   token    a participant token, or a function that fetches a fresh one; it names the lesson too
 *   server   origin of the gateway; by default the one this module was loaded from
 *   capture  { attention, activity }: both are on by default
 * Captured by itself: focus of tab and window, idle and active, network lost and back, and how often
 *   keys, clicks, pointer, scroll and edits happen in 5 s: counts, never which key, where or what.
 * record(type, data, subject)   any event that a platform may post; the common ones by name, each
 *   with the event's data: see NAMED below. All return the event's id.
 * publish, setMuted, shareScreen, stopSharing, unpublish   media by WHIP, published again when lost
 * status   { state, media, queued, stored, refused, dropped, persistent }
 * flush(limitMs)   true once all that was captured is acknowledged; setToken(token), close()
 * Events on the object: "change" (status), "refused" and "dropped" (detail: what and why).
 *
 * An event gets its id at capture, waits in IndexedDB, and is sent in order until the gateway has
 * acknowledged it; an id that arrives twice is stored once. docs/capture.md tells the rest.
 */

import { pause } from "../client/backoff.js";
import { BrowserInput } from "./browser_input.js";
import { Clock } from "./clock.js";
import { Gateway, isPassing } from "./gateway.js";
import { Media } from "./media.js";
import { Outbox } from "./outbox.js";
import { Sender } from "./sender.js";

const NAMED = {
  raiseHand: "hand.raised",
  lowerHand: "hand.lowered",
  openPoll: "poll.opened",
  answerPoll: "poll.answered",
  closePoll: "poll.closed",
  postChat: "chat.posted",
  drawStrokes: "whiteboard.strokes_drawn",
  changeObject: "whiteboard.object_changed",
  changePage: "whiteboard.page_changed",
  openContent: "content.opened",
  enterBreakout: "breakout.entered",
  leaveBreakout: "breakout.left",
  startAssessment: "assessment.started",
  answerItem: "assessment.item_answered",
  submitAssessment: "assessment.submitted",
  reachMilestone: "milestone.reached",
};
const IDLE_CALLBACK_MS = 500;
const FLUSH_POLL_MS = 100;
/** A lesson that has not begun is asked about again after this. */
const BEGINS_POLL_MS = 5_000;

/** Unlike crypto.randomUUID, it is there in pages without https as well. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `web-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

function whenIdle(work) {
  if (globalThis.requestIdleCallback) requestIdleCallback(work, { timeout: IDLE_CALLBACK_MS });
  else setTimeout(work);
}

/** One participant's page in one lesson. */
export class Lectern extends EventTarget {
  clock = new Clock();
  #dropped = 0;
  #leaving = new AbortController();
  #saving = false;
  #share = /** @type {{share_id: string, startedMs: number} | null} */ (null);

  /**
   * @param {{token: string | (() => Promise<string>), server?: string,
   *   capture?: {attention?: boolean, activity?: boolean}}} options
   * @returns {Promise<Lectern>}
   */
  static async join({ token, server = new URL(import.meta.url).origin, capture = {} }) {
    const lectern = new Lectern();
    lectern.gateway = new Gateway(server, token, lectern.clock);
    const { lesson, sub } = await lectern.gateway.claims();
    lectern.lessonId = lesson;
    lectern.participantId = sub;
    await lectern.#begin(`/v1/lessons/${encodeURIComponent(lesson)}`, capture);
    return lectern;
  }

  async #begin(path, capture) {
    const onChange = () => this.#tell("change", this.status);
    const onRefused = (refused) => this.#tell("refused", refused);
    const { signal } = this.#leaving;
    this.outbox = new Outbox(`lectern:${this.gateway.server}${path}/${this.participantId}`);
    this.sender = new Sender(this.gateway, path, this.outbox, { onChange, onRefused });
    this.media = new Media(this.gateway, path, onChange);
    this.input = new BrowserInput(this, capture, signal);
    addEventListener("pagehide", () => this.#leavePage(), { signal });
    for (const type of ["offline", "online"]) {
      addEventListener(type, () => this.#lookAtNetwork(), { signal });
    }
    // A page without a database sends as well; a reload loses what it had not sent yet.
    const expired = await this.outbox.open().catch(() => 0);
    if (expired > 0) this.#drop(expired, "too old");
    this.#lookAtNetwork();
    this.#learnStart(path);
    this.sender.run(signal);
  }

  get status() {
    const { media, outbox, sender } = this;
    return {
      state: sender.state,
      media: media.state,
      queued: outbox.rows.length,
      stored: sender.stored,
      refused: sender.refused,
      dropped: this.#dropped,
      persistent: outbox.persistent,
    };
  }

  #tell = (name, detail) => this.dispatchEvent(new CustomEvent(name, { detail }));

  #drop(count, reason) {
    this.#dropped += count;
    console.warn(`Lectern: ${count} learning event(s) dropped: ${reason}.`);
    this.#tell("dropped", { count, reason });
  }

  /** The lesson clock begins with the lesson, so it is asked for until it runs. */
  async #learnStart(path) {
    const { signal } = this.#leaving;
    while (this.clock.startedAt === null && !signal.aborted) {
      try {
        const lesson = await (await this.gateway.send("GET", path)).json();
        this.clock.startedAt = lesson.started_at && Date.parse(lesson.started_at);
      } catch (error) {
        if (!isPassing(error)) return;
      }
      if (this.clock.startedAt === null) await pause(BEGINS_POLL_MS, signal);
    }
  }

  /** Whoever was away is told to be back, be it on the page after this one. */
  #lookAtNetwork() {
    const key = `${this.outbox.lane}/away`;
    const wasAway = sessionStorage.getItem(key) !== null;
    const isAway = !navigator.onLine;
    if (isAway) sessionStorage.setItem(key, "");
    else sessionStorage.removeItem(key);
    const state = isAway ? "away" : "present";
    if (isAway !== wasAway) this.record("presence.changed", { state, reason: "network" });
    if (!isAway) this.sender.retry();
  }

  /**
   * @param {string} type @param {object} [data]
   * @param {string} [subject] the participant whose doing it is
   * @returns {string} the event's id
   */
  record(type, data = {}, subject = this.participantId) {
    const atMs = this.clock.now();
    const [id, time] = [newId(), new Date(atMs).toISOString()];
    const event = { id, type, subject, time, lessontimems: this.clock.lessonMs(atMs), data };
    if (!this.outbox.put(event)) this.#drop(1, `the queue is full (${type})`);
    if (!this.#saving) whenIdle(() => this.#save());
    this.#saving = true;
    return id;
  }

  async #save() {
    this.#saving = false;
    this.sender.wake();
    // What the database does not take now stays in memory and is tried with the next event.
    await this.outbox.save().catch(() => {});
    this.#tell("change", this.status);
  }

  /**
   * Publishes a stream of the page's own, or opens microphone and camera.
   * @param {{video?: boolean | MediaTrackConstraints, audio?: boolean | MediaTrackConstraints,
   *   stream?: MediaStream}} [wanted]
   * @returns {Promise<MediaStream>} what is sent
   */
  async publish({ stream, audio = true, video = false } = {}) {
    const opened = stream ?? (await navigator.mediaDevices.getUserMedia({ audio, video }));
    await this.media.publish(opened);
    return opened;
  }

  /** @param {boolean} muted */
  setMuted(muted) {
    for (const track of this.media.stream?.getAudioTracks() ?? []) track.enabled = !muted;
  }

  /** Shows a screen in the camera's place until it is stopped, here or in the browser's own bar. */
  async shareScreen() {
    const [screen] = (await navigator.mediaDevices.getDisplayMedia()).getVideoTracks();
    screen.addEventListener("ended", () => this.stopSharing());
    this.#share = { share_id: newId(), startedMs: Date.now() };
    const surface = screen.getSettings().displaySurface ?? null;
    this.record("screen_share.started", { share_id: this.#share.share_id, surface });
    await this.media.show(screen);
  }

  async stopSharing() {
    if (this.#share === null) return;
    const { share_id, startedMs } = this.#share;
    this.#share = null;
    this.record("screen_share.stopped", { share_id, duration_ms: Date.now() - startedMs });
    this.media.screen?.stop();
    await this.media.show(null);
  }

  unpublish() {
    this.media.end();
  }

  /** @param {string} token in the place of one that has expired */
  setToken(token) {
    this.gateway.source = token;
    this.sender.retry();
  }

  /** @param {number} [limitMs] @returns {Promise<boolean>} whether all is acknowledged */
  async flush(limitMs = 10_000) {
    this.input.report();
    this.sender.wake();
    const over = Date.now() + limitMs;
    while (this.outbox.rows.length > 0 && Date.now() < over) await pause(FLUSH_POLL_MS);
    return this.outbox.rows.length === 0;
  }

  #leavePage() {
    this.input.report();
    this.sender.sendLast();
    this.media.takeDown();
  }

  /** Stops capturing and publishing; what is not sent yet waits for the next join. */
  async close() {
    const all = await this.flush();
    this.#leaving.abort();
    this.sender.wake();
    this.media.end();
    return all;
  }
}

for (const [name, type] of Object.entries(NAMED)) {
  Lectern.prototype[name] = function (data, subject) {
    return this.record(type, data, subject);
  };
}
