/** Signing in as a person at the organisation's own provider, and out again. */

import { send, sendJson } from "./http.js";

/** @returns {Promise<{tenant_id: string, issuer: string | null}>} */
const getProvider = () => sendJson("GET", "/v1/sign-in");

/**
 * Who is signed in by this browser's cookie; asked only where people can sign in at all.
 * @returns {Promise<{canSignIn: boolean, person: any | null}>}
 */
export async function readAccount() {
  const { issuer } = await getProvider().catch(() => ({ issuer: null }));
  if (issuer === null) return { canSignIn: false, person: null };
  const answer = await fetch("/v1/me");
  const caller = answer.ok ? await answer.json() : null;
  return { canSignIn: true, person: caller?.kind === "person" ? caller : null };
}

/** Leaves for the provider, which sends the browser back to where it was. */
export async function beginSignIn() {
  const json = { return_to: `${location.pathname}${location.hash}` };
  const { authorization_url: address } = await sendJson("POST", "/v1/sign-in", { json });
  location.assign(address);
}

/** Ends the sign-in here, and at the provider where it has a place for that. */
export async function signOut() {
  const { provider_url: address } = await (await send("POST", "/v1/sign-out")).json();
  if (address) location.assign(address);
}
