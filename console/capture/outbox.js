/** The events that the gateway has not acknowledged yet: in memory, and in IndexedDB as well. */

/** Hours of a lesson without a network. Activity counts leave the last tenth to the rest. */
export const QUEUE_EVENTS = 10_000;
/** An event of a lesson that nobody came back to is let go after this. */
const KEPT_MS = 7 * 86_400_000;

const resultOf = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

export class Outbox {
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
