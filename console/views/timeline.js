/** The raw learning events, for whoever builds on them; collapsed until asked for. */

import { clock, counted } from "../record/words.js";
import { element, setText } from "./element.js";

/** Older rows stay in the downloads; the page shows the newest. */
const ROWS = 200;

/** What an event says at a glance: the first of these that its data has. */
const TELLING = ["text", "title", "question", "reason", "state", "outcome", "objective_id", "purpose", "surface", "kind"];

/** @param {any} event @param {Map<string, string>} names of participants, by their ids */
function summary({ subject, data }, names) {
  const what = TELLING.map((field) => data?.[field]).find(Boolean);
  const right = { true: "right", false: "wrong" }[data?.correct];
  const said = [what, right].filter(Boolean).join(", ");
  return [names.get(subject) ?? data?.name, said].filter(Boolean).join(": ");
}

function row(event, names) {
  const raw = element("pre", { class: "event-json" });
  const details = element(
    "details",
    {
      class: "event",
      "data-sequence": event.ledgersequence,
      ontoggle: () => setText(raw, details.open ? JSON.stringify(event, null, 2) : ""),
    },
    element(
      "summary",
      {},
      element("span", { class: "event-sequence" }, String(event.ledgersequence)),
      element("span", { class: "event-time" }, clock(event.lessontimems)),
      element("code", { class: "event-type" }, event.type),
      element("span", { class: "event-summary" }, summary(event, names)),
    ),
    raw,
  );
  return element("li", {}, details);
}

/** @param {string} eventsPath shown so that a developer can read the same over HTTP */
export function createTimeline(eventsPath) {
  const list = element("ol", { class: "events" });
  const count = element("span", { class: "timeline-count" });
  let drawn = 0;
  let record = null;
  let names = new Map();
  const node = element(
    "details",
    { class: "timeline", ontoggle: () => draw() },
    element("summary", { class: "timeline-summary" }, element("h2", {}, "Learning events"), count),
    element(
      "p",
      { class: "help" },
      "Newest first, as the API gives them: ",
      element("code", {}, `GET ${eventsPath}`),
    ),
    list,
  );

  function draw() {
    if (!node.open || record === null) return;
    for (const event of record.events.slice(Math.max(drawn, record.events.length - ROWS))) {
      list.prepend(row(event, names));
    }
    drawn = record.events.length;
    while (list.childElementCount > ROWS) list.lastElementChild.remove();
  }

  /** @param {import("../client/api.js").Participant[]} expected who was added to the lesson */
  function update(next, expected) {
    record = next;
    const known = [...record.people.values(), ...expected].filter((person) => person.name);
    names = new Map(known.map((person) => [person.id, person.name]));
    setText(count, counted(record.events.length, "event"));
    draw();
  }

  /** Opens one event; true once it is there. @param {number | string} which its sequence or id */
  function reveal(which) {
    const event = record?.events.find((one) => [one.ledgersequence, one.id].includes(which));
    if (event === undefined) return false;
    const sequence = event.ledgersequence;
    node.open = true;
    draw();
    const find = () => list.querySelector(`[data-sequence="${sequence}"]`);
    if (find() === null) list.append(row(event, names));
    find().open = true;
    find().scrollIntoView({ block: "center" });
    find().querySelector("summary").focus({ preventScroll: true });
    return true;
  }

  return { node, update, reveal };
}
