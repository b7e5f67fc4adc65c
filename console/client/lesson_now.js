/** The lesson clock as it stands, by the server's clock: a device's own may be wrong by minutes. */

import { Clock } from "../capture/clock.js";
import { lessonPath } from "./api.js";
import { send } from "./http.js";

export class LessonNow {
  #clock = new Clock();
  #newestMs = 0;

  /** One answer of the server says how late it is there. @param {string} lessonId */
  async learn(lessonId) {
    const sentAt = Date.now();
    const answer = await send("GET", lessonPath(lessonId));
    this.#clock.observe(answer.headers.get("date"), sentAt, Date.now());
  }

  /** @param {import("../record/record.js").LessonRecord} record */
  observe({ startedAt, engagement }) {
    this.#clock.startedAt = startedAt && Date.parse(startedAt);
    for (const spans of engagement.spans.values()) {
      this.#newestMs = Math.max(this.#newestMs, spans.at(-1).toldMs);
    }
  }

  /** @returns {number} ms on the lesson clock, never before what is known to have been told */
  ms = () => Math.max(this.#newestMs, this.#clock.lessonMs() ?? 0);
}
