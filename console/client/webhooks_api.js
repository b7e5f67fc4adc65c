/** The public API's webhooks: where events are sent, and what became of each message. */

import { send, sendJson } from "./http.js";

const path = (id) => `/v1/webhooks/${encodeURIComponent(id)}`;

/**
 * @param {string} address @param {string} name of the list in the answer
 * @param {string | null} before @param {Record<string, string>} [filter]
 * @returns {Promise<{items: any[], next: string | null}>}
 */
async function page(address, name, before, filter = {}) {
  const query = new URLSearchParams({ limit: "50", ...filter });
  if (before !== null) query.set("before", before);
  const answer = await sendJson("GET", `${address}?${query}`);
  return { items: answer[name], next: answer.next };
}

export const listWebhooks = (before) => page("/v1/webhooks", "webhooks", before);
/** @returns {Promise<any>} with what waits for it */
export const getWebhook = (id) => sendJson("GET", path(id));
/** @returns {Promise<any>} with its secret, shown this once */
export const createWebhook = (webhook) => sendJson("POST", "/v1/webhooks", { json: webhook });
export const changeWebhook = (id, change) => sendJson("PATCH", path(id), { json: change });
export const deleteWebhook = (id) => send("DELETE", path(id));
/** @returns {Promise<any>} with its new secret, shown this once */
export const rotateSecret = (id, overlapSeconds) =>
  sendJson("POST", `${path(id)}/rotate-secret`, { json: { overlap_seconds: overlapSeconds } });
/** @param {{message_id: string} | {since: string, until?: string}} what */
export const replay = (id, what) => sendJson("POST", `${path(id)}/replays`, { json: what });

/** @param {"delivered" | "retrying" | "failed" | ""} status empty: all */
export const listDeliveries = (id, status, before) =>
  page(`${path(id)}/deliveries`, "deliveries", before, status ? { status } : {});

/** @returns {Promise<string[]>} every type of event that there is */
export async function listEventTypes() {
  const { event_types: types } = await sendJson("GET", "/v1/event-types");
  return types.map((one) => one.type);
}
