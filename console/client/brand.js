/** The brand of the host that this page was opened at: name, colours, logo. */

import { inkOn, readable, tint } from "../record/colours.js";
import { sendJson } from "./http.js";

const GROUNDS = { light: "#f2f4f1", dark: "#0f1513" };

/** Names the page in the browser's tab. @param {string} page */
export function setPageTitle(page) {
  document.title = `${page} · ${document.body.dataset.brand ?? "Lectern"}`;
}

/** @typedef {{name: string, primary_colour: string, accent_colour: string,
 *   logo_url: string | null, tenant_id: string | null, sign_in: boolean}} Brand */

/**
 * Asks for the brand and puts it on the page. Without an answer the page keeps Lectern's own look.
 * @returns {Promise<Brand | null>} null where there is none
 */
export async function applyBrand() {
  const brand = await sendJson("GET", "/v1/brand").catch(() => null);
  if (brand === null || brand.tenant_id === null) return brand;
  document.body.dataset.brand = brand.name;
  const wordmark = document.querySelector(".wordmark");
  wordmark.querySelector("span").textContent = brand.name;
  wordmark.setAttribute("aria-label", `${brand.name}, all lessons`);
  if (brand.logo_url) showLogo(wordmark, brand.logo_url);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const paint = () => applyColours(brand, GROUNDS[dark.matches ? "dark" : "light"]);
  dark.addEventListener("change", paint);
  paint();
  return brand;
}

function showLogo(wordmark, address) {
  const logo = document.createElement("img");
  logo.src = address;
  logo.alt = "";
  logo.className = "wordmark-logo";
  wordmark.querySelector("svg").replaceWith(logo);
}

function applyColours(brand, ground) {
  const { style } = document.documentElement;
  const accent = readable(brand.primary_colour, ground);
  style.setProperty("--accent", accent);
  style.setProperty("--accent-hover", tint(accent, inkOn(ground), 0.8));
  style.setProperty("--on-accent", inkOn(accent));
  style.setProperty("--accent-soft", tint(accent, ground, 0.16));
  style.setProperty("--focus", readable(brand.accent_colour, ground));
}
