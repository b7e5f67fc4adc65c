/**
 * Being in a lesson: publishes the microphone and camera and keeps them published. A worker that
 * dies, a network that drops, a token that runs out: each ends in publishing again, with backoff.
 */

import { lessonPath, mintToken, startLesson } from "./api.js";
import { backoffMs, pause } from "./backoff.js";
import { ApiProblem, explain } from "./http.js";
import { closeMedia, openMedia } from "./media.js";
import { forgetJoined, keepJoined } from "./session.js";
import { CONNECT_LIMIT_MS, RECOVERY_LIMIT_MS } from "./webrtc.js";
import { Publication, takeDown } from "./whip.js";

/** Refusals that publishing again cannot mend. */
const FINAL_STATUSES = [400, 401, 403, 404, 415, 422];

/** @typedef {"out" | "opening" | "connecting" | "live" | "reconnecting"} PublishingState */

export class Publishing extends EventTarget {
  /** @type {PublishingState} */
  state = "out";
  /** @type {string | null} */
  note = null;
  muted = false;
  /** @type {MediaStream | null} */
  stream = null;
  /** @type {import("./session.js").Identity | null} */
  identity = null;
  #publication = null;
  #leaving = new AbortController();

  /** @param {string} lessonId */
  constructor(lessonId) {
    super();
    this.lessonId = lessonId;
  }

  /**
   * Opens the media, then publishes it. The microphone is asked for first, so that a refusal leaves
   * no trace in the lesson.
   * @param {() => Promise<import("./session.js").Identity>} identify
   * @param {{camera: boolean, muted?: boolean}} options
   */
  async join(identify, { camera, muted = false }) {
    this.#leaving = new AbortController();
    this.#become("opening");
    try {
      const opened = await openMedia({ camera });
      this.stream = opened.stream;
      this.#applyMuted(muted);
      this.identity = await identify();
      await startLesson(this.lessonId);
      this.#become("connecting", opened.note);
      await this.#publishUntilAnswered();
    } catch (error) {
      this.#close(explain(error));
    }
  }

  /**
   * Comes back after a page reload: the former publication is taken down first, so that the track
   * is free and its last words are finalised.
   * @param {import("./session.js").Joined} joined
   */
  async resume(joined) {
    const { participantId, name, role } = joined;
    if (joined.location) {
      const token = await mintToken(this.lessonId, participantId);
      // Should the worker be gone, its track expires by itself and publishing waits for that.
      await takeDown(joined.location, token).catch(() => {});
    }
    await this.join(async () => ({ participantId, name, role }), joined);
  }

  async leave() {
    this.#leaving.abort();
    const publication = this.#publication;
    this.#close(null);
    await publication?.end();
  }

  /** For pagehide: takes the publication down without forgetting that the user was in. */
  leaveWithPage() {
    this.#publication?.endWithPage();
  }

  /** @param {boolean} muted */
  setMuted(muted) {
    this.#applyMuted(muted);
    this.#remember();
    this.#become(this.state, this.note);
  }

  #applyMuted(muted) {
    this.muted = muted;
    for (const track of this.stream?.getAudioTracks() ?? []) track.enabled = !muted;
  }

  /** @returns {Promise<string>} a token to act as the user with */
  token() {
    return mintToken(this.lessonId, this.identity.participantId);
  }

  async #publishUntilAnswered() {
    const { signal } = this.#leaving;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        return await this.#publishOnce(signal);
      } catch (error) {
        const problem = error instanceof ApiProblem ? error : null;
        if (problem && FINAL_STATUSES.includes(problem.status)) throw error;
        if (!problem && !(error instanceof TypeError)) throw error;
        if (signal.aborted) return;
        this.#become("reconnecting", explain(error));
        await pause(backoffMs(attempt, problem?.retryAfterMs), signal);
      }
    }
  }

  async #publishOnce(signal) {
    const endpoint = `${lessonPath(this.lessonId)}/whip`;
    const publication = await Publication.publish(endpoint, this.stream, await this.token());
    if (signal.aborted) return publication.end();
    this.#publication = publication;
    this.#remember();
    this.#watch(publication);
  }

  #watch(publication) {
    const { connection } = publication;
    let timer = setTimeout(() => this.#republish(publication), CONNECT_LIMIT_MS);
    connection.addEventListener("connectionstatechange", () => {
      clearTimeout(timer);
      if (connection.connectionState === "connected") this.#become("live");
      if (connection.connectionState === "failed") this.#republish(publication);
      if (connection.connectionState === "disconnected") {
        this.#become("reconnecting", "The connection is interrupted.");
        timer = setTimeout(() => this.#republish(publication), RECOVERY_LIMIT_MS);
      }
    });
  }

  async #republish(publication) {
    if (publication !== this.#publication || this.#leaving.signal.aborted) return;
    this.#publication = null;
    this.#become("reconnecting", "The connection is lost. Publishing again.");
    publication.abandon();
    try {
      await this.#publishUntilAnswered();
    } catch (error) {
      this.#close(explain(error));
    }
  }

  #remember() {
    const location = this.#publication?.location ?? null;
    const camera = this.stream.getVideoTracks().length > 0;
    keepJoined(this.lessonId, { ...this.identity, location, camera, muted: this.muted });
  }

  #close(note) {
    if (this.stream) closeMedia(this.stream);
    this.stream = null;
    this.#publication = null;
    forgetJoined(this.lessonId);
    this.#become("out", note);
  }

  #become(state, note = null) {
    this.state = state;
    this.note = note;
    this.dispatchEvent(new Event("change"));
  }
}
