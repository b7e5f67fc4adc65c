/** Tables of records, newest first, that grow by pages. */

import { element } from "./element.js";
import { runFromButton } from "./notices.js";
import { emptyState } from "./page.js";

/**
 * @param {string} caption for screen readers @param {string[]} heads
 * @param {HTMLElement[]} rows tr elements; on a phone each becomes a card of its cells
 */
export function recordTable(caption, heads, rows) {
  rows.forEach((row) => label(row, heads));
  return element(
    "table",
    { class: "records" },
    element("caption", { class: "visually-hidden" }, caption),
    element(
      "thead",
      {},
      element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head))),
    ),
    element("tbody", {}, ...rows),
  );
}

/** On a phone the heads are out of sight, so each cell but the first says what it is. */
function label(row, heads) {
  [...row.cells].slice(1).forEach((cell, index) => {
    if (heads[index + 1]) cell.dataset.head = heads[index + 1];
  });
}

/** A row whose first cell is its name. @param {...(Node | string | null)} cells */
export const recordRow = (...cells) =>
  element("tr", {}, ...cells.map((cell) => element("td", {}, cell)));

/**
 * A table that fetches its next page at the press of a button.
 * @param {{caption: string, heads: string[], empty: [string, string]}} words
 * @param {(before: string | null) => Promise<{items: any[], next: string | null}>} fetchPage
 * @param {(item: any) => HTMLElement} rowOf
 * @returns {Promise<HTMLElement>} once the first page is there
 */
export async function pagedTable({ caption, heads, empty }, fetchPage, rowOf) {
  const first = await fetchPage(null);
  if (first.items.length === 0) return emptyState(...empty);
  const table = recordTable(caption, heads, first.items.map(rowOf));
  const place = element("div");
  let next = first.next;
  const more = element(
    "button",
    {
      type: "button",
      class: "button",
      hidden: next === null,
      onclick: () =>
        runFromButton(more, place, async () => {
          const page = await fetchPage(next);
          const rows = page.items.map(rowOf);
          rows.forEach((row) => label(row, heads));
          table.querySelector("tbody").append(...rows);
          next = page.next;
          more.hidden = next === null;
        }),
    },
    "Earlier",
  );
  return element("div", { class: "record-list" }, table, more, place);
}
