/** What the pages of administration share: their tabs, and a form in a dialog. */

import { element } from "./element.js";
import { runFromButton } from "./notices.js";
import { openPage } from "./page.js";

const TABS = {
  "#/people": "People",
  "#/keys": "API keys",
  "#/webhooks": "Webhooks",
  "#/tenant": "Organisation",
  "#/audit": "Audit trail",
};

function tabs(current) {
  return element(
    "nav",
    { class: "tabs", "aria-label": "Administration" },
    ...Object.entries(TABS).map(([href, label]) =>
      element("a", { href, "aria-current": href === current ? "page" : null }, label),
    ),
  );
}

/** A page under the tabs of administration. See openPage. @param {string} current its tab */
export const openAdministrationPage = (root, current, page, load) =>
  openPage(root, { ...page, tabs: tabs(current) }, load);

/** @param {string} label @param {() => void} onclick @param {string} [kind] class of the button */
export const action = (label, onclick, kind = "") =>
  element("button", { type: "button", class: `button ${kind}`.trim(), onclick }, label);

/**
 * A form in a dialog; closes when `submit` succeeds, shows its failure otherwise.
 * @param {{title: string, confirm: string, fields: Node[], submit: () => Promise<void>}} form
 */
export function openForm({ title, confirm, fields, submit }) {
  const place = element("div");
  const button = element("button", { class: "button button-primary" }, confirm);
  const dialog = element(
    "dialog",
    { class: "dialog", "aria-labelledby": "form-title" },
    element("h2", { id: "form-title" }, title),
    element(
      "form",
      {
        onsubmit: (event) => {
          event.preventDefault();
          runFromButton(button, place, async () => {
            await submit();
            dialog.close();
          });
        },
      },
      ...fields,
      place,
      element(
        "div",
        { class: "dialog-actions" },
        action("Cancel", () => dialog.close()),
        button,
      ),
    ),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/**
 * A secret that the API shows once.
 * @param {string} lead @param {string} secret
 */
export function secretNotice(lead, secret) {
  const copied = element("span", { class: "help", role: "status" });
  return element(
    "div",
    { class: "secret", role: "status" },
    element("p", {}, lead),
    element("code", {}, secret),
    element(
      "p",
      {},
      action("Copy", async () => {
        await navigator.clipboard.writeText(secret);
        copied.textContent = " Copied.";
      }),
      copied,
    ),
  );
}
