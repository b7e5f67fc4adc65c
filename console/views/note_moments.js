/** Moments at which a learner may not have understood: the newest one, and each learner's on demand. */

import { MOMENTS } from "../record/summary.js";
import { clock, counted } from "../record/words.js";
import { element, keepChildren, renderWhenChanged, setText } from "./element.js";

/**
 * @param {(id: string) => string} nameOf
 * @param {(id: string) => void} show opens a caption or an event on this page
 */
export function createNoteMoments(nameOf, show) {
  const announced = element("p", { class: "visually-hidden", role: "status" });
  // Whoever is at the newest moment by keyboard keeps it until they leave.
  const newest = element("div", { class: "note-newest", onfocusout: () => setTimeout(redraw) });
  const chips = element("ul", { class: "note-learners", "aria-label": "Learners with such moments" });
  const title = element("h4", { id: "note-learner-title" });
  const list = element("ul", { class: "note-moments" });
  const one = element(
    "section",
    { class: "note-learner", id: "note-learner", "aria-labelledby": title.id, hidden: true },
    title,
    list,
  );
  const onkeydown = (event) => {
    if (event.key !== "Escape" || open === null) return;
    const from = chipOf(open).firstElementChild;
    choose(null);
    from.focus();
  };
  const node = element(
    "div",
    { class: "note-part", hidden: true, onkeydown },
    element("h3", {}, "To look at again"),
    announced,
    newest,
    chips,
    one,
  );
  /** @type {Map<string, HTMLElement>} */
  const made = new Map();
  /** @type {Map<string, HTMLElement>} */
  const rows = new Map();
  const seen = new Set();
  let isLive = false;
  let open = null;
  let moments = [];

  const redraw = () => update(moments);

  function choose(id) {
    open = id;
    redraw();
  }

  function chipOf(id) {
    if (made.has(id)) return made.get(id);
    const onclick = () => choose(open === id ? null : id);
    const face = element("button", { type: "button", "aria-controls": one.id, onclick });
    made.set(id, element("li", {}, face));
    return made.get(id);
  }

  function drawChip({ id, name, count }) {
    const chip = chipOf(id);
    const face = chip.firstElementChild;
    face.setAttribute("aria-expanded", String(open === id));
    face.setAttribute("aria-label", `${name}, ${counted(count, "moment")}`);
    renderWhenChanged(face, [name, count], () => [
      element("span", { class: "note-name", title: name }, name),
      element("span", { class: "note-count" }, String(count)),
    ]);
    return chip;
  }

  const described = (moment) => ({ ...moment, revisions: null, names: moment.captions.map(speaker) });
  const speaker = ({ participantId, name }) => name || nameOf(participantId);

  function drawNewest() {
    const kept = moments.find(({ id }) => id === newest.dataset.momentId);
    const isHeld = kept && newest.contains(document.activeElement);
    const moment = isHeld ? kept : moments.at(-1);
    if (moment) fill(newest, moment, nameOf(moment.participantId));
    else renderWhenChanged(newest, null, () => []);
  }

  function rowOf(moment) {
    if (!rows.has(moment.id)) rows.set(moment.id, element("li"));
    return fill(rows.get(moment.id), moment, null);
  }

  function fill(node, moment, name) {
    node.classList.add("note-moment");
    node.dataset.momentId = moment.id;
    renderWhenChanged(node, [described(moment), name], () => parts(moment, name));
    return node;
  }

  function parts(moment, name) {
    return [
      element(
        "p",
        { class: "note-what" },
        name !== null && element("strong", { class: "note-name" }, name),
        element("span", {}, reasonWords(moment)),
        element("span", { class: "help" }, clock(moment.startMs)),
      ),
      moment.isDated &&
        element("p", { class: "note-dated" }, "The words were put right since: see whether it still holds."),
      moment.misconception && element("p", {}, `Likely misconception: ${moment.misconception}`),
      element("ul", { class: "note-said" }, ...evidence(moment)),
      element("p", { class: "help" }, sureWords(moment)),
    ].filter(Boolean);
  }

  function evidence({ captions, eventIds }) {
    const way = (id, label) =>
      element("button", { type: "button", class: "link-button", onclick: () => show(id) }, label);
    const said = captions.map((caption) =>
      element(
        "li",
        {},
        way(caption.captionId, clock(caption.startMs)),
        ` ${speaker(caption)}: “${caption.text}”`,
      ),
    );
    const rest = eventIds.map((id, index) =>
      element("li", {}, way(id, `Event ${index + 1} of ${eventIds.length} in the record`)),
    );
    return [...said, ...rest];
  }

  function announce() {
    if (!moments.some(({ id }) => id === announced.dataset.momentId)) setText(announced, "");
    const fresh = moments.filter(({ id }) => !seen.has(id));
    for (const { id } of fresh) seen.add(id);
    const last = fresh.at(-1);
    if (!isLive || !last) return;
    const more = fresh.length > 1 ? `, and ${fresh.length - 1} more` : "";
    announced.dataset.momentId = last.id;
    setText(announced, `${nameOf(last.participantId)}, ${clock(last.startMs)}: ${reasonWords(last)}${more}`);
  }

  /** @param {import("../record/notes.js").StandingMoment[]} standing in time */
  function update(standing) {
    moments = standing;
    node.hidden = moments.length === 0;
    announce();
    const learners = learnersOf(moments, nameOf);
    if (!learners.some(({ id }) => id === open)) open = null;
    drawNewest();
    keepChildren(chips, learners.map(drawChip));
    one.hidden = open === null;
    if (open !== null) setText(title, nameOf(open));
    const own = moments.filter(({ participantId }) => participantId === open);
    keepChildren(list, own.reverse().map(rowOf));
  }

  return {
    node,
    update,
    /** From now on what is new is said aloud. */
    goLive() {
      isLive = true;
    },
  };
}

const reasonWords = ({ reason }) => MOMENTS[reason] ?? reason.replaceAll("_", " ");

const sureWords = ({ confidence, model, modelVersion }) =>
  `${Math.round(confidence * 100)}\u00a0% sure, by ${model} ${modelVersion}`;

/** By name: who has the most is nobody's rank. */
function learnersOf(moments, nameOf) {
  const counts = new Map();
  for (const { participantId: id } of moments) counts.set(id, (counts.get(id) ?? 0) + 1);
  return [...counts]
    .map(([id, count]) => ({ id, count, name: nameOf(id) }))
    .sort((one, other) => {
      const order = one.name.localeCompare(other.name, undefined, { numeric: true });
      return order || (one.id < other.id ? -1 : 1);
    });
}
