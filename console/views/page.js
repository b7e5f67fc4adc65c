/** What every page that is read once has in common: a head, a wait, a failure with a way on. */

import { setPageTitle } from "../client/brand.js";
import { element } from "./element.js";
import { failureNotice, loadingNotice } from "./notices.js";

/**
 * Shows a page whose content comes from the API.
 * @param {HTMLElement} root
 * @param {{title: string, loading: string, moveFocus?: boolean, actions?: Node[], tabs?: Node}} page
 * @param {(signal: AbortSignal, setTitle: (title: string) => void) => Promise<(Node | null)[]>} load
 * @returns {() => void} leaves the page
 */
export function openPage(root, { title, loading, moveFocus = false, actions = [], tabs }, load) {
  const leaving = new AbortController();
  const heading = element("h1", { tabindex: "-1" });
  const setTitle = (text) => {
    heading.textContent = text;
    setPageTitle(text);
  };
  const head = element("div", { class: "page-head" }, heading, ...actions);
  const body = element("div", { class: "page-body" });
  setTitle(title);
  root.replaceChildren(...[tabs, head, body].filter(Boolean));
  const open = async () => {
    body.replaceChildren(loadingNotice(loading));
    try {
      const content = await load(leaving.signal, setTitle);
      if (!leaving.signal.aborted) body.replaceChildren(...content.filter(Boolean));
    } catch (error) {
      if (!leaving.signal.aborted) body.replaceChildren(failureNotice(error, open));
    }
  };
  open();
  if (moveFocus) heading.focus({ preventScroll: true });
  return () => leaving.abort();
}

/** @param {string} title @param {...(Node | string | null | false)} content */
export const panel = (title, ...content) =>
  element("section", { class: "panel" }, element("h2", {}, title), ...content);

/** @param {string} what there is none of @param {string} how it comes to be */
export const emptyState = (what, how) =>
  element(
    "div",
    { class: "empty" },
    element("p", {}, what),
    element("p", { class: "help" }, how),
  );
