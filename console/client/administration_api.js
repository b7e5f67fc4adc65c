/** The public API's administration: people and roles, consent, keys, tenants, audit. */

import { send, sendJson } from "./http.js";

/** @typedef {{items: any[], next: any}} Page newest first; `next` is the `before` of the next one */

const part = encodeURIComponent;

/** @returns {Promise<Page>} */
async function page(path, name, before, limit = 50) {
  const query = new URLSearchParams({ limit: String(limit) });
  if (before !== null) query.set("before", String(before));
  const answer = await sendJson("GET", `${path}?${query}`);
  return { items: answer[name], next: answer.next };
}

/** @returns {Promise<any>} who the browser's key or sign-in stands for */
export const getCaller = () => sendJson("GET", "/v1/me");

export const listPeople = (before) => page("/v1/people", "people", before);
export const getPerson = (id) => sendJson("GET", `/v1/people/${part(id)}`);
export const createPerson = (person) => sendJson("POST", "/v1/people", { json: person });
export const listRoles = async (id) =>
  (await sendJson("GET", `/v1/people/${part(id)}/roles`)).roles;
export const assignRole = (id, role, courseId = null) =>
  sendJson("POST", `/v1/people/${part(id)}/roles`, { json: { role, course_id: courseId } });
export const endRole = (id, assignmentId) =>
  send("DELETE", `/v1/people/${part(id)}/roles/${part(assignmentId)}`);
export const listGuardians = async (id) =>
  (await sendJson("GET", `/v1/people/${part(id)}/guardians`)).guardians;
export const addGuardian = (id, guardianId) =>
  sendJson("POST", `/v1/people/${part(id)}/guardians`, { json: { guardian_id: guardianId } });
export const endGuardian = (id, guardianId) =>
  send("DELETE", `/v1/people/${part(id)}/guardians/${part(guardianId)}`);
export const signOutEverywhere = (id) => send("DELETE", `/v1/people/${part(id)}/sign-ins`);

export const listConsents = (id, before) =>
  page(`/v1/people/${part(id)}/consents`, "decisions", before);
export const grantConsent = (id, purposes, basis) =>
  sendJson("POST", `/v1/people/${part(id)}/consents`, { json: { purposes, basis } });
export const revokeConsent = (id, purpose) =>
  sendJson("DELETE", `/v1/people/${part(id)}/consents/${part(purpose)}`);

export const listDisclosures = (id, before) =>
  page(`/v1/people/${part(id)}/disclosures`, "disclosures", before);
/** @param {"json" | "html"} format @returns {Promise<Blob>} */
export const exportPerson = async (id, format) =>
  (await send("GET", `/v1/people/${part(id)}/export.${format}`)).blob();
export const erasePerson = (id) => sendJson("POST", `/v1/people/${part(id)}/erasure`);
export const getErasure = (id) => sendJson("GET", `/v1/people/${part(id)}/erasure`);

export const listKeys = (before) => page("/v1/api-keys", "api_keys", before);
export const createKey = (key) => sendJson("POST", "/v1/api-keys", { json: key });
export const rotateKey = (id, overlapSeconds) =>
  sendJson("POST", `/v1/api-keys/${part(id)}/rotate`, {
    json: { overlap_seconds: overlapSeconds },
  });
export const revokeKey = (id) => send("DELETE", `/v1/api-keys/${part(id)}`);

export const getTenant = (id) => sendJson("GET", `/v1/tenants/${part(id)}`);
export const changeTenant = (id, change) =>
  sendJson("PATCH", `/v1/tenants/${part(id)}`, { json: change });
export const listTenantsBelow = async (id) =>
  (await sendJson("GET", `/v1/tenants?parent_id=${part(id)}&limit=200`)).tenants;
export const createTenant = (tenant) => sendJson("POST", "/v1/tenants", { json: tenant });
export const listDomains = async (id) =>
  (await sendJson("GET", `/v1/tenants/${part(id)}/domains?limit=200`)).hosts;
export const claimDomain = (id, host) =>
  send("PUT", `/v1/tenants/${part(id)}/domains/${part(host)}`);
export const releaseDomain = (id, host) =>
  send("DELETE", `/v1/tenants/${part(id)}/domains/${part(host)}`);

export const listAudit = (before) => page("/v1/audit", "entries", before);
export const verifyAudit = () => sendJson("GET", "/v1/audit/verification");
