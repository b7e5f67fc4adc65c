/** Typed captions on their way: in order, kept while the gateway is away, never stored twice. */

import { backoffMs, pause } from "./backoff.js";
import { typeCaption } from "./captions_api.js";
import { ApiProblem } from "./http.js";

/** Whether the same caption may yet be taken: the gateway is away, or has too much to do. */
const mayPass = (error) =>
  error instanceof ApiProblem
    ? error.status >= 500 || error.status === 429
    : error instanceof TypeError;

/**
 * @typedef {{id: string, text: string, participant_id: string | null, start_ms: number | null}} Typed
 */

export class TypingQueue {
  /** @type {Typed[]} */
  #waiting = [];
  #sending = false;

  /**
   * @param {string} lessonId @param {() => Promise<string>} token of the captioner
   * @param {{onSent: (event: any) => void, onRefused: (caption: Typed, error: unknown) => void,
   *   onWaiting: (count: number) => void}} listener @param {AbortSignal} signal
   */
  constructor(lessonId, token, listener, signal) {
    this.lessonId = lessonId;
    this.token = token;
    this.listener = listener;
    this.signal = signal;
  }

  /** @param {Typed} caption */
  push(caption) {
    this.#waiting.push(caption);
    this.#run();
  }

  async #run() {
    if (this.#sending) return;
    this.#sending = true;
    for (let attempt = 0; this.#waiting.length > 0 && !this.signal.aborted; ) {
      const [caption] = this.#waiting;
      try {
        this.listener.onSent(await typeCaption(this.lessonId, caption, await this.token()));
      } catch (error) {
        if (mayPass(error)) {
          this.listener.onWaiting(this.#waiting.length);
          await pause(backoffMs(attempt++), this.signal);
          continue;
        }
        this.listener.onRefused(caption, error);
      }
      attempt = 0;
      this.#waiting.shift();
      this.listener.onWaiting(this.#waiting.length);
    }
    this.#sending = false;
  }
}
