/** HTTP as one participant, with a token that is renewed when it is refused. */

const REQUEST_LIMIT_MS = 30_000;

/** What the gateway refused, in its own words (RFC 9457). */
export class Refusal extends Error {
  /** @param {number} status @param {any} problem @param {number} [retryAfterMs] */
  constructor(status, problem, retryAfterMs) {
    super(problem?.detail ?? problem?.title ?? `The server answered ${status}.`);
    Object.assign(this, { status, problem, retryAfterMs });
  }
}

/** Whether the same request may succeed later; what never reached the gateway may. */
export const isPassing = ({ status = 0 }) =>
  status === 0 || status >= 500 || [401, 408, 429].includes(status);

export class Gateway {
  #token = "";

  /**
   * @param {string} server @param {string | (() => Promise<string>)} source of the token
   * @param {import("./clock.js").Clock} clock
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
