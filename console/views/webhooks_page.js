/** Webhooks: which systems are told of events as they happen. */

import { createWebhook, listEventTypes, listWebhooks } from "../client/webhooks_api.js";
import { moment } from "../record/words.js";
import { action, openAdministrationPage, openForm, secretNotice } from "./administration.js";
import { element } from "./element.js";
import { field } from "./new_lesson.js";
import { failureNotice } from "./notices.js";
import { pagedTable, recordRow } from "./table.js";

/** @param {HTMLElement} root @param {boolean} moveFocus */
export function openWebhooksPage(root, moveFocus) {
  const made = element("div");
  const create = action("New webhook", () => openNewWebhook(made, open), "button-primary");
  const open = () =>
    openAdministrationPage(
      root,
      "#/webhooks",
      { title: "Webhooks", loading: "Fetching the webhooks…", moveFocus, actions: [create] },
      async () => [
        element(
          "p",
          { class: "page-lead" },
          "Other systems are told of events as they happen, by requests that they can verify (Standard Webhooks). What is not taken is tried again for more than a day.",
        ),
        made,
        await pagedTable(
          {
            caption: "Webhooks, newest first",
            heads: ["Address", "Events", "State", "Last delivered"],
            empty: ["No webhooks.", "Make one for each system that follows along."],
          },
          listWebhooks,
          webhookRow,
        ),
      ],
    );
  return open();
}

const webhookRow = (webhook) =>
  recordRow(
    element(
      "div",
      {},
      element("a", { class: "record-name", href: `#/webhooks/${webhook.id}` }, webhook.url),
      webhook.description && element("span", { class: "record-detail" }, webhook.description),
    ),
    element("span", { class: "record-detail" }, typesOf(webhook)),
    webhookState(webhook),
    webhook.last_success_at ? moment(webhook.last_success_at) : "Never",
  );

/** @param {any} webhook */
export const typesOf = ({ event_types: types }) => (types === null ? "All" : types.join(", "));

/** @param {any} webhook @returns {HTMLElement} in words: it works, fails since when, or is off */
export function webhookState({ status, disabled_reason: reason, failing_since: failing }) {
  if (status === "disabled") {
    const why = reason ? `Disabled: ${reason}` : "Disabled";
    return element("span", { class: "verdict verdict-bad" }, why);
  }
  if (failing) {
    return element("span", { class: "verdict verdict-bad" }, `Failing since ${moment(failing)}`);
  }
  return element("span", { class: "verdict verdict-good" }, "Enabled");
}

function openNewWebhook(made, reload) {
  const url = element("input", {
    id: "webhook-url",
    type: "url",
    required: true,
    placeholder: "https://platform.example/hooks",
  });
  const description = element("input", { id: "webhook-description", maxlength: "500" });
  const contact = element("input", { id: "webhook-contact", type: "email", maxlength: "254" });
  const types = element("div", { class: "check-list" });
  fillTypes(types);
  openForm({
    title: "New webhook",
    confirm: "Make webhook",
    fields: [
      field("Address", url, "It gets what is committed from now on."),
      field("What it is for", description),
      element(
        "fieldset",
        { class: "scopes" },
        element("legend", {}, "Events"),
        element("p", { class: "help" }, "Nothing chosen means all."),
        types,
      ),
      field("Told if it is disabled", contact, "Left empty: the administrators."),
    ],
    submit: async () => {
      const chosen = [...types.querySelectorAll("input:checked")].map((box) => box.value);
      const webhook = await createWebhook({
        url: url.value.trim(),
        description: description.value.trim(),
        event_types: chosen.length > 0 ? chosen : null,
        contact_email: contact.value.trim() || null,
      });
      const lead = "The secret by which the receiver verifies messages, shown this once:";
      made.replaceChildren(secretNotice(lead, webhook.secret));
      reload();
    },
  });
}

async function fillTypes(place) {
  try {
    const types = await listEventTypes();
    place.replaceChildren(
      ...types.map((type) =>
        element(
          "label",
          { class: "check" },
          element("input", { type: "checkbox", value: type }),
          element("code", {}, type),
        ),
      ),
    );
  } catch (error) {
    place.replaceChildren(failureNotice(error));
  }
}
