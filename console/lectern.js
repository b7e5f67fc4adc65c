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

// Made from console/capture by `python -m serving.web.capture_module`: edit it there.

/** Waiting between attempts: doubling, with jitter so that many clients do not return at once. */

const FIRST_MS = 500;
const LONGEST_MS = 10_000;

/**
 * @param {number} attempt 0 for the first retry
 * @param {number | null} [askedMs] what the server asked for in Retry-After; never less is waited
 * @returns {number} milliseconds
 */
function backoffMs(attempt, askedMs = null) {
  const doubled = Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);
  const jittered = doubled * (0.75 + Math.random() / 2);
  return Math.max(jittered, askedMs ?? 0);
}

/**
 * @param {number} milliseconds
 * @param {AbortSignal} [signal] ends the wait early, without an error
 * @returns {Promise<void>}
 */
function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener("abort", done, { once: true });
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
  });
}

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

class BrowserInput {
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

/** The wall clock as the server has it, and the lesson clock on it. */

/** The Date header tells whole seconds, and servers renew it once a second. */
const DATE_WIDTH_MS = 2_000;

class Clock {
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

/** HTTP as one participant, with a token that is renewed when it is refused. */

const REQUEST_LIMIT_MS = 30_000;

/** What the gateway refused, in its own words (RFC 9457). */
class Refusal extends Error {
  /** @param {number} status @param {any} problem @param {number} [retryAfterMs] */
  constructor(status, problem, retryAfterMs) {
    super(problem?.detail ?? problem?.title ?? `The server answered ${status}.`);
    Object.assign(this, { status, problem, retryAfterMs });
  }
}

/** Whether the same request may succeed later; what never reached the gateway may. */
const isPassing = ({ status = 0 }) =>
  status === 0 || status >= 500 || [401, 408, 429].includes(status);

class Gateway {
  #token = "";

  /**
   * @param {string} server @param {string | (() => Promise<string>)} source of the token
   * @param {Clock} clock
   */
  constructor(server, source, clock) {
    Object.assign(this, { server, source, clock });
  }

  /** @returns {Promise<{lesson: string, sub: string}>} what the token says (RFC 7519) */
  async claims() {
    const [, body] = (await this.#freshToken()).split(".");
    return JSON.parse(atob(body.replaceAll("-", "+").replaceAll("_", "/")));
  }

  async #freshToken() {
    const { source } = this;
    this.#token = (typeof source === "function" ? await source() : source).trim();
    return this.#token;
  }

  #fetch(method, path, { headers, ...rest }) {
    const authorization = `Bearer ${this.#token}`;
    return fetch(this.server + path, { method, headers: { ...headers, authorization }, ...rest });
  }

  /** @returns {Promise<Response>} @throws {Refusal} or a TypeError where nobody answers */
  async send(method, path, init = {}, renewed = false) {
    const sentAt = Date.now();
    const signal = AbortSignal.timeout(REQUEST_LIMIT_MS);
    const response = await this.#fetch(method, path, { ...init, signal });
    const { status, headers } = response;
    this.clock.observe(headers.get("date"), sentAt, Date.now());
    if (response.ok) return response;
    if (status === 401 && !renewed) {
      await this.#freshToken();
      return this.send(method, path, init, true);
    }
    const wait = headers.get("retry-after") ?? 0;
    const waitMs = Number.isNaN(Number(wait)) ? Date.parse(wait) - Date.now() : wait * 1000;
    throw new Refusal(status, await response.json().catch(() => null), waitMs || 0);
  }

  /** The last words of a page that goes away; no answer is awaited. */
  sendLast(method, path, init = {}) {
    this.#fetch(method, path, { ...init, keepalive: true }).catch(() => {});
  }
}

/** What every publication over WebRTC needs, whoever makes it. */

/** Host candidates come within milliseconds; later ones are trickled or do without. */
const GATHERING_LIMIT_MS = 1_000;
/** A "disconnected" connection often comes back by itself within this time. */
const RECOVERY_LIMIT_MS = 2_000;
/** Media that has not connected by then is published again. */
const CONNECT_LIMIT_MS = 15_000;

/**
 * The STUN and TURN servers of a WHIP answer.
 * @param {string | null} header RFC 8288 Link header @returns {RTCIceServer[]}
 */
function iceServersOf(header) {
  const links = (header ?? "").split(/,\s*(?=<)/).filter((link) => /rel="?ice-server"?/.test(link));
  return links.map((link) => {
    const parameter = (name) => new RegExp(`${name}="([^"]*)"`).exec(link)?.[1];
    const urls = /<([^>]+)>/.exec(link)?.[1] ?? "";
    return { urls, username: parameter("username"), credential: parameter("credential") };
  });
}

/** @param {RTCPeerConnection} connection @returns {Promise<void>} */
function gathered(connection) {
  if (connection.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, GATHERING_LIMIT_MS);
    connection.addEventListener("icegatheringstatechange", () => {
      if (connection.iceGatheringState !== "complete") return;
      clearTimeout(timer);
      resolve();
    });
  });
}

/** VP8 first: every ingest worker decodes it. @param {RTCRtpTransceiver} transceiver */
function preferVp8(transceiver) {
  const codecs = RTCRtpSender.getCapabilities("video")?.codecs ?? [];
  const isVp8 = (codec) => codec.mimeType === "video/VP8";
  transceiver.setCodecPreferences([
    ...codecs.filter(isVp8),
    ...codecs.filter((codec) => !isVp8(codec)),
  ]);
}

/** Microphone and camera or screen in one WHIP publication (RFC 9725), kept up until it is ended. */


/** The gateway has not noticed yet that this participant's former publication is gone. */
const isStillTaken = ({ status, problem }) =>
  status === 409 && problem?.field === "participant_id";

class Media {
  state = /** @type {"out" | "connecting" | "live" | "reconnecting"} */ ("out");
  stream = /** @type {MediaStream | null} */ (null);
  screen = /** @type {MediaStreamTrack | null} */ (null);
  #connection = /** @type {RTCPeerConnection | null} */ (null);
  #location = "";

  /** @param {Gateway} gateway @param {string} path of the lesson @param {() => void} onChange */
  constructor(gateway, path, onChange) {
    Object.assign(this, { gateway, path, onChange });
  }

  #become(state) {
    this.state = state;
    this.onChange();
  }

  async publish(stream) {
    this.end();
    this.stream = stream;
    this.#become("connecting");
    await this.#publishUntilAnswered();
  }

  async #publishUntilAnswered() {
    const { stream } = this;
    for (let attempt = 0; stream && this.stream === stream; attempt += 1) {
      try {
        return await this.#publishOnce();
      } catch (error) {
        if (!isPassing(error) && !isStillTaken(error)) throw error;
        await pause(backoffMs(attempt, error.retryAfterMs));
      }
    }
  }

  async #publishOnce() {
    this.#connection?.close();
    const connection = new RTCPeerConnection({ iceServers: [] });
    this.#connection = connection;
    const video = this.screen ?? this.stream.getVideoTracks()[0];
    for (const track of [this.stream.getAudioTracks()[0], video].filter(Boolean)) {
      const transceiver = connection.addTransceiver(track, { direction: "sendonly" });
      if (track.kind === "video") preferVp8(transceiver);
    }
    await connection.setLocalDescription();
    await gathered(connection);
    const response = await this.gateway.send("POST", `${this.path}/whip`, {
      headers: { "content-type": "application/sdp" },
      body: connection.localDescription.sdp,
    });
    this.#location = response.headers.get("location");
    const iceServers = iceServersOf(response.headers.get("link"));
    if (iceServers.length > 0) connection.setConfiguration({ iceServers });
    this.#watch(connection);
    await connection.setRemoteDescription({ type: "answer", sdp: await response.text() });
    if (connection !== this.#connection) this.takeDown();
  }

  #watch(connection) {
    const lost = () => connection === this.#connection && this.#republish();
    let timer = setTimeout(lost, CONNECT_LIMIT_MS);
    connection.onconnectionstatechange = () => {
      clearTimeout(timer);
      const state = connection.connectionState;
      if (state === "connected") this.#become("live");
      else if (state === "failed") lost();
      else if (state === "disconnected") timer = setTimeout(lost, RECOVERY_LIMIT_MS);
    };
  }

  async #republish() {
    this.#become("reconnecting");
    this.takeDown();
    await this.#publishUntilAnswered().catch(() => this.end());
  }

  /** The screen takes the camera's place; where there is no camera, all is published anew. */
  async show(screen) {
    this.screen = screen;
    const camera = this.stream?.getVideoTracks()[0] ?? null;
    const sender = this.#connection?.getSenders().find((one) => one.track?.kind === "video");
    if (sender && (screen ?? camera)) await sender.replaceTrack(screen ?? camera);
    else if (this.stream) await this.#republish();
  }

  /** For a page that goes away as well: the request outlives it. */
  takeDown() {
    if (this.#location) this.gateway.sendLast("DELETE", this.#location);
    this.#location = "";
  }

  end() {
    for (const track of [...(this.stream?.getTracks() ?? []), this.screen]) track?.stop();
    this.takeDown();
    this.#connection?.close();
    this.stream = this.screen = this.#connection = null;
    this.#become("out");
  }
}

/** The events that the gateway has not acknowledged yet: in memory, and in IndexedDB as well. */

/** Hours of a lesson without a network. Activity counts leave the last tenth to the rest. */
const QUEUE_EVENTS = 10_000;
/** An event of a lesson that nobody came back to is let go after this. */
const KEPT_MS = 7 * 86_400_000;

const resultOf = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

class Outbox {
  /** @type {{id: string, lane: string, order: number, event: any}[]} in the order of capture */
  rows = [];
  #unsaved = new Set();
  #database = null;

  /** @param {string} lane names one participant of one lesson */
  constructor(lane) {
    this.lane = lane;
  }

  /** Whether a reload keeps what waits. */
  get persistent() {
    return this.#database !== null;
  }

  /** @returns {Promise<number>} how many old events, of whatever lesson, were let go */
  async open() {
    const request = indexedDB.open("lectern-capture", 1);
    request.onupgradeneeded = () => {
      const events = request.result.createObjectStore("events", { keyPath: "id" });
      for (const name of ["lane", "order"]) events.createIndex(name, name);
    };
    this.#database = await resultOf(request);
    const events = this.#events();
    const tooOld = IDBKeyRange.upperBound((Date.now() - KEPT_MS) * 1000);
    const old = await resultOf(events.index("order").getAllKeys(tooOld));
    for (const id of old) events.delete(id);
    const kept = await resultOf(events.index("lane").getAll(this.lane));
    const spilled = this.#spilled();
    localStorage.removeItem(this.lane);
    for (const row of spilled) this.#unsaved.add(row.id);
    const known = new Map([...kept, ...spilled].map((row) => [row.id, row]));
    // What was captured while the database opened comes after what the page before this one left.
    const early = this.rows;
    this.rows = [...known.values()].sort((one, other) => one.order - other.order);
    for (const row of early) this.#append(row.event);
    return old.length;
  }

  #events() {
    return this.#database.transaction("events", "readwrite").objectStore("events");
  }

  /** @returns {boolean} whether there was room */
  put(event) {
    const limit = event.type === "activity.counted" ? QUEUE_EVENTS * 0.9 : QUEUE_EVENTS;
    if (this.rows.length >= limit) return false;
    this.#append(event);
    return true;
  }

  #append(event) {
    const order = Math.max((this.rows.at(-1)?.order ?? 0) + 1, Date.now() * 1000);
    this.rows.push({ id: event.id, lane: this.lane, order, event });
    this.#unsaved.add(event.id);
  }

  #unsavedRows = () => this.rows.filter((row) => this.#unsaved.has(row.id));

  /** Writes what is new. */
  async save() {
    const rows = this.#unsavedRows();
    if (rows.length === 0 || !this.persistent) return;
    const events = this.#events();
    await Promise.all(rows.map((row) => resultOf(events.put(row))));
    for (const row of rows) this.#unsaved.delete(row.id);
  }

  /** @param {string[]} ids acknowledged, or refused for good */
  async remove(ids) {
    const gone = new Set(ids);
    this.rows = this.rows.filter((row) => !gone.has(row.id));
    for (const id of ids) this.#unsaved.delete(id);
    if (!this.persistent) return;
    const events = this.#events();
    await Promise.all(ids.map((id) => resultOf(events.delete(id))));
  }

  #spilled = () => JSON.parse(localStorage.getItem(this.lane) ?? "[]");

  /** For a page that goes away, where the database is too slow. */
  spill() {
    const rows = this.#unsavedRows();
    if (rows.length === 0) return;
    try {
      localStorage.setItem(this.lane, JSON.stringify([...this.#spilled(), ...rows]));
    } catch {
      // No room or no storage at all: what the page can still send is all that is left to do.
    }
  }
}

/** Sends what waits in the outbox, in order and in batches, until the gateway has acknowledged it. */


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

class Sender {
  state = /** @type {"sending" | "waiting"} */ ("sending");
  /** Acknowledged by the gateway, and refused by it for good. */
  stored = 0;
  refused = 0;
  #newEvent = new AbortController();
  #betterChance = new AbortController();

  /**
   * @param {Gateway} gateway @param {string} path of the lesson
   * @param {Outbox} outbox
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
