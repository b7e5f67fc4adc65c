/** The audit trail: who did what, and whether the trail is whole. */

import { listAudit, verifyAudit } from "../client/administration_api.js";
import { moment } from "../record/words.js";
import { action, openAdministrationPage } from "./administration.js";
import { element } from "./element.js";
import { runFromButton } from "./notices.js";
import { pagedTable, recordRow } from "./table.js";

/** @param {HTMLElement} root @param {boolean} moveFocus */
export function openAuditPage(root, moveFocus) {
  const verdict = element("div", { role: "status" });
  const verify = action("Verify the trail", () =>
    runFromButton(verify, verdict, async () => {
      verdict.replaceChildren(verdictOf(await verifyAudit()));
    }),
  );
  return openAdministrationPage(
    root,
    "#/audit",
    { title: "Audit trail", loading: "Fetching the trail…", moveFocus, actions: [verify] },
    async () => [
      element(
        "p",
        { class: "page-lead" },
        "Each entry's hash covers it and the entry before, so a changed byte, a missing row or another order shows.",
      ),
      verdict,
      await pagedTable(
        {
          caption: "Audit trail, newest first",
          heads: ["When", "Who", "Did what", "Detail", "Hash"],
          empty: ["Nothing yet.", "What is changed, exported, erased or consented to is noted here."],
        },
        listAudit,
        entryRow,
      ),
    ],
  );
}

function verdictOf({ entries, intact, faults }) {
  if (intact) {
    const how = entries === 1 ? "1 entry" : `${entries} entries`;
    return element("p", { class: "verdict verdict-good" }, `${how}, whole and in order.`);
  }
  return element(
    "div",
    { class: "notice notice-failure" },
    element("p", { class: "verdict" }, "The trail is not whole."),
    element(
      "ul",
      {},
      ...faults.map((fault) => element("li", {}, `Entry ${fault.position}: ${fault.problem}`)),
    ),
  );
}

function plain(value) {
  if (Array.isArray(value)) return value.map(plain).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function entryRow(entry) {
  const detail = Object.entries(entry.detail ?? {})
    .filter(([, value]) => value !== null && value.length !== 0)
    .map(([name, value]) => `${name.replaceAll("_", " ")}: ${plain(value)}`)
    .join("; ");
  return recordRow(
    element(
      "div",
      {},
      moment(entry.recorded_at),
      element("span", { class: "record-detail" }, `No. ${entry.position}`),
    ),
    element("span", { class: "record-id" }, entry.actor),
    element(
      "div",
      {},
      element("span", { class: "record-name" }, entry.action),
      element("span", { class: "record-detail" }, entry.resource),
    ),
    element("span", { class: "record-detail" }, detail),
    element("span", { class: "record-id", title: entry.hash }, entry.hash.slice(0, 12)),
  );
}
