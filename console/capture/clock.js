/** The wall clock as the server has it, and the lesson clock on it. */

/** The Date header tells whole seconds, and servers renew it once a second. */
const DATE_WIDTH_MS = 2_000;

export class Clock {
  /** Server minus device, in ms, lies between these two. */
  #bounds = [-Infinity, Infinity];
  /** When the lesson began, in ms of the wall clock. */
  startedAt = /** @type {number | null} */ (null);

  /** A device clock that may be right is left as it is. */
  now() {
    const [least, most] = this.#bounds;
    return Date.now() + (least <= 0 && most >= 0 ? 0 : Math.round((least + most) / 2));
  }

  /** @param {string | null} date a Date header @param {number} sentAt @param {number} receivedAt */
  observe(date, sentAt, receivedAt) {
    const told = Date.parse(date ?? "");
    if (Number.isNaN(told)) return;
    const seen = [told - receivedAt, told + DATE_WIDTH_MS - sentAt];
    const both = [Math.max(seen[0], this.#bounds[0]), Math.min(seen[1], this.#bounds[1])];
    // Nothing in common: the device's clock was set meanwhile.
    this.#bounds = both[0] <= both[1] ? both : seen;
  }

  /** @returns {number | undefined} ms on the lesson clock; none before the lesson */
  lessonMs(atMs = this.now()) {
    return this.startedAt === null ? undefined : Math.max(0, atMs - this.startedAt);
  }
}
