/** HTTP with the console's key: JSON in, JSON out, RFC 9457 problems as exceptions. */

import { readCredential } from "./session.js";

/** Fired on the window when the server does not know this browser's API key. */
export const KEY_REFUSED = "key-refused";

/** The provider's part of a sign-in went wrong; what the browser holds is as good as before. */
const SIGN_IN_FAILED = "sign_in_failed";

/** What the API said went wrong, in its own words. */
export class ApiProblem extends Error {
  /** @param {number} status @param {Record<string, any>} problem @param {number | null} retryAfterMs */
  constructor(status, problem, retryAfterMs = null) {
    super(problem.detail || problem.title || `The server answered ${status}.`);
    this.status = status;
    this.code = problem.code ?? null;
    this.field = problem.field ?? null;
    this.fix = problem.fix ?? null;
    this.retryAfterMs = retryAfterMs;
  }
}

/** @param {Response} response @returns {Promise<ApiProblem>} */
export async function problemOf(response) {
  const text = await response.text();
  const isJson = (response.headers.get("content-type") ?? "").includes("json");
  const seconds = Number.parseFloat(response.headers.get("retry-after") ?? "");
  const retryAfterMs = Number.isNaN(seconds) ? null : seconds * 1000;
  return new ApiProblem(response.status, isJson ? JSON.parse(text) : {}, retryAfterMs);
}

/**
 * One request. Throws ApiProblem on a refusal, TypeError when the server cannot be reached.
 * @param {string} method
 * @param {string} path
 * @param {{json?: unknown, body?: BodyInit, headers?: Record<string, string>, token?: string,
 *          keepalive?: boolean, signal?: AbortSignal}} [options]
 * @returns {Promise<Response>}
 */
export async function send(method, path, options = {}) {
  const headers = new Headers(options.headers);
  const token = options.token ?? readCredential();
  if (token) headers.set("authorization", `Bearer ${token}`);
  let body = options.body;
  if (options.json !== undefined) {
    headers.set("content-type", "application/json");
    body = JSON.stringify(options.json);
  }
  const { keepalive, signal } = options;
  const response = await fetch(path, { method, headers, body, keepalive, signal });
  if (response.ok) return response;
  const problem = await problemOf(response);
  const isOwn = response.status === 401 && !options.token && problem.code !== SIGN_IN_FAILED;
  if (isOwn) dispatchEvent(new Event(KEY_REFUSED));
  throw problem;
}

/** @returns {Promise<any>} the JSON body of the answer */
export async function sendJson(method, path, options = {}) {
  const response = await send(method, path, options);
  return response.json();
}

/**
 * A failure in words for the person at the screen.
 * @param {unknown} error
 * @returns {string}
 */
export function explain(error) {
  if (error instanceof ApiProblem) {
    return error.fix ? `${error.message} ${error.fix}` : error.message;
  }
  if (error instanceof TypeError) return "The server cannot be reached. It may be restarting.";
  return error instanceof Error ? error.message : String(error);
}
