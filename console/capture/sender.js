/** Sends what waits in the outbox, in order and in batches, until the gateway has acknowledged it. */

import { backoffMs, pause } from "../client/backoff.js";
import { Refusal, isPassing } from "./gateway.js";

const BATCH_EVENTS = 500;
/** At least so long between two batches, so that a burst goes out as one. */
const SEND_INTERVAL_MS = 500;
/** With nothing to send it looks again by then, should it have missed its call. */
const LOOK_AGAIN_MS = 60_000;
/** Browsers let a page that closes send 64 KiB in all. */
const LAST_BODY_BYTES = 60_000;

/** Refusals of a batch for what one event in it is; the others are sent without it. */
const BLAMED_ON_ONE = [400, 413, 422];

const batchOf = (events) => ({
  body: JSON.stringify({ events }),
  headers: { "content-type": "application/json" },
});

/** @typedef {{event: any, status: number, problem: any}} Refused */

export class Sender {
  state = /** @type {"sending" | "waiting"} */ ("sending");
  /** Acknowledged by the gateway, and refused by it for good. */
  stored = 0;
  refused = 0;
  #newEvent = new AbortController();
  #betterChance = new AbortController();

  /**
   * @param {import("./gateway.js").Gateway} gateway @param {string} path of the lesson
   * @param {import("./outbox.js").Outbox} outbox
   * @param {{onChange: () => void, onRefused: (refused: Refused) => void}} listener
   */
  constructor(gateway, path, outbox, listener) {
    Object.assign(this, { gateway, path: `${path}/events`, outbox, listener });
  }

  /** There is something new to send. */
  wake() {
    this.#newEvent.abort();
    this.#newEvent = new AbortController();
  }

  /** The network is back, or there is a new token: what failed is tried at once. */
  retry() {
    this.#betterChance.abort();
    this.#betterChance = new AbortController();
  }

  /** @param {AbortSignal} leaving */
  async run(leaving) {
    let [attempt, limit] = [0, BATCH_EVENTS];
    while (!leaving.aborted) {
      const batch = this.outbox.rows.slice(0, limit);
      try {
        if (batch.length === 0) await pause(LOOK_AGAIN_MS, this.#newEvent.signal);
        else await this.#send(batch);
        [attempt, limit] = [0, BATCH_EVENTS];
      } catch (error) {
        if (isPassing(error)) await this.#backOff(attempt++, error.retryAfterMs);
        else if (batch.length > 1 && BLAMED_ON_ONE.includes(error.status)) {
          limit = Math.ceil(batch.length / 2);
        } else await this.#settle(batch, Array(batch.length).fill(error));
      }
    }
  }

  async #send(batch) {
    const init = batchOf(batch.map((row) => row.event));
    const { results } = await (await this.gateway.send("POST", this.path, init)).json();
    await this.#settle(batch, results);
    const late = results.find((result) => isPassing(result));
    if (late) throw new Refusal(late.status, late.problem);
    this.#become("sending");
    await pause(SEND_INTERVAL_MS);
  }

  /** @param {{status: number, problem?: any}[]} results in the order of the batch */
  async #settle(batch, results) {
    const settled = batch.filter((_, index) => !isPassing(results[index]));
    batch.forEach(({ event }, index) => {
      const { status, problem } = results[index];
      if (status < 400) this.stored += 1;
      else if (!isPassing({ status })) {
        this.refused += 1;
        this.listener.onRefused({ event, status, problem });
      }
    });
    await this.outbox.remove(settled.map((row) => row.id));
    this.listener.onChange();
  }

  /** What the server asked for in Retry-After is waited for, whatever the network says. */
  async #backOff(attempt, askedMs) {
    this.#become("waiting");
    await pause(backoffMs(attempt, askedMs), askedMs ? undefined : this.#betterChance.signal);
  }

  #become(state) {
    this.state = state;
    this.listener.onChange();
  }

  /**
   * For a page that goes away: what waits longest goes first, so that order is kept. What does not
   * get through is in the outbox for the next page.
   */
  sendLast() {
    this.outbox.spill();
    let events = this.outbox.rows.slice(0, BATCH_EVENTS).map((row) => row.event);
    while (JSON.stringify(events).length > LAST_BODY_BYTES) {
      events = events.slice(0, events.length / 2);
    }
    if (events.length > 0) this.gateway.sendLast("POST", this.path, batchOf(events));
  }
}
