/** API keys: made with the scopes they need, rotated without a gap, revoked at once. */

import { createKey, listKeys, revokeKey, rotateKey } from "../client/administration_api.js";
import { sendJson } from "../client/http.js";
import { moment } from "../record/words.js";
import { action, openAdministrationPage, openForm, secretNotice } from "./administration.js";
import { element } from "./element.js";
import { field, select } from "./new_lesson.js";
import { ask, failureNotice, runFromButton } from "./notices.js";
import { pagedTable, recordRow } from "./table.js";

const OVERLAPS = [
  ["86400", "a day"],
  ["3600", "an hour"],
  ["604800", "a week"],
  ["0", "no time: it ends now"],
];

/** @param {HTMLElement} root @param {boolean} moveFocus */
export function openKeysPage(root, moveFocus) {
  const made = element("div");
  const reload = () => openKeys();
  const create = action("New key", () => openNewKey(made, reload), "button-primary");
  const openKeys = () =>
    openAdministrationPage(
      root,
      "#/keys",
      { title: "API keys", loading: "Fetching the keys…", moveFocus, actions: [create] },
      async () => [
        element(
          "p",
          { class: "page-lead" },
          "A platform's servers come in with a key. Give each platform its own, with no more scopes than it needs, and rotate it now and then.",
        ),
        made,
        await keyTable(made, reload),
      ],
    );
  return openKeys();
}

const keyTable = (made, reload) =>
  pagedTable(
    {
      caption: "API keys, newest first",
      heads: ["Key", "May do", "Last used", "Good until", ""],
      empty: ["No keys.", "Make one for each platform that uses this API."],
    },
    listKeys,
    (key) => keyRow(key, made, reload),
  );

function keyRow(key, made, reload) {
  return recordRow(
    element(
      "div",
      {},
      element("span", { class: "record-name" }, key.name),
      element("span", { class: "record-detail record-id" }, key.id),
    ),
    scopesOf(key),
    element("div", {}, key.last_used_at ? moment(key.last_used_at) : "Never", rotationOf(key)),
    standing(key),
    key.revoked_at ? null : keyActions(key, made, reload),
  );
}

const scopesOf = ({ scopes }) =>
  scopes === null
    ? "Everything"
    : element("span", { class: "record-detail" }, scopes.join(", ") || "Nothing");

function standing({ revoked_at: revoked, expires_at: expires }) {
  if (revoked) return `Revoked ${moment(revoked)}`;
  if (expires === null) return "No end";
  return Date.parse(expires) < Date.now() ? `Expired ${moment(expires)}` : moment(expires);
}

/** Whether the secret of before the rotation is still in use. */
function rotationOf({ previous_expires_at: until, previous_used_at: used }) {
  if (until === null || Date.parse(until) < Date.now()) return null;
  const use = used ? `last used ${moment(used)}` : "not used since";
  return element("span", { class: "record-detail" }, `Old secret until ${moment(until)}, ${use}`);
}

function keyActions(key, made, reload) {
  const place = element("div");
  const revoke = action("Revoke", async () => {
    const sure = await ask({
      title: `Revoke ${key.name}?`,
      text: "Its requests are refused at once and its open streams end within 5 seconds. It cannot be undone.",
      confirm: "Revoke key",
    });
    if (sure) {
      runFromButton(revoke, place, async () => {
        await revokeKey(key.id);
        reload();
      });
    }
  });
  return element(
    "div",
    { class: "record-actions" },
    action("Rotate", () => openRotation(key, made, reload)),
    revoke,
    place,
  );
}

function openRotation(key, made, reload) {
  const overlap = select("overlap", OVERLAPS);
  openForm({
    title: `Rotate ${key.name}`,
    confirm: "Make the new secret",
    fields: [field("The secret until now stays good for", overlap)],
    submit: async () => {
      const rotated = await rotateKey(key.id, Number(overlap.value));
      const lead = `The new secret of ${rotated.name}, shown this once:`;
      made.replaceChildren(secretNotice(lead, rotated.key));
      reload();
    },
  });
}

function openNewKey(made, reload) {
  const name = element("input", { id: "key-name", required: true, maxlength: "200" });
  const expires = element("input", { id: "key-expires", type: "date" });
  const scopes = element("div", { class: "check-list" });
  fillScopes(scopes);
  openForm({
    title: "New API key",
    confirm: "Make key",
    fields: [
      field("What it is for", name),
      element(
        "fieldset",
        { class: "scopes" },
        element("legend", {}, "What it may do"),
        element("p", { class: "help" }, "Nothing chosen means everything."),
        scopes,
      ),
      field("Good until", expires, "Left empty: until it is revoked."),
    ],
    submit: async () => {
      const chosen = [...scopes.querySelectorAll("input:checked")].map((box) => box.value);
      const key = await createKey({
        name: name.value.trim(),
        scopes: chosen.length > 0 ? chosen : null,
        expires_at: expires.value ? `${expires.value}T23:59:59Z` : null,
      });
      made.replaceChildren(secretNotice(`The key of ${key.name}, shown this once:`, key.key));
      reload();
    },
  });
}

/** The scopes stand in the API's own description, so that none is forgotten here. */
async function fillScopes(place) {
  try {
    const { components } = await sendJson("GET", "/openapi.json");
    const { description } = components.schemas.NewApiKey.properties.scopes;
    const names = description.match(/[a-z_]+:(?:read|write)/g);
    place.replaceChildren(...names.map(scopeBox));
  } catch (error) {
    place.replaceChildren(failureNotice(error));
  }
}

const scopeBox = (name) =>
  element(
    "label",
    { class: "check" },
    element("input", { type: "checkbox", value: name }),
    element("code", {}, name),
  );
