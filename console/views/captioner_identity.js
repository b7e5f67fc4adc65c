/** Who captions by hand, and whether they have taken over. */

import { addParticipant, mintToken } from "../client/api.js";
import { handBack, takeOver } from "../client/captions_api.js";
import { ownPlaces } from "../record/standing.js";
import { captionerOf } from "../record/takeovers.js";
import { CAPTIONING_ROLES } from "../record/words.js";
import { element, renderWhenChanged, setText } from "./element.js";
import { runFromButton } from "./notices.js";

const NEW = "new";
/** Tokens are good for hours; a fresh one now and then outlasts any lesson. */
const TOKEN_USED_MS = 3_600_000;

/**
 * Signed in, one captions as oneself; with a key, as whom one chooses, or as somebody new.
 * @param {import("../client/api.js").Lesson} lesson @param {any} caller as GET /v1/me tells
 * @param {{problems: HTMLElement, onTaken: () => void, onAdded: () => Promise<void>}} options
 *   problems: where a refusal is shown; onTaken: to take the focus back; onAdded: somebody was added
 */
export function createCaptionerIdentity(lesson, caller, { problems, onTaken, onAdded }) {
  const who = element("select", { id: "captioner-who", onchange: () => draw() });
  const name = element("input", { id: "captioner-name", maxlength: "100", autocomplete: "name" });
  const fresh = element(
    "div",
    { class: "field" },
    element("label", { for: "captioner-name" }, "Your name"),
    name,
  );
  const over = element("button", { type: "button", class: "button button-primary" });
  over.addEventListener("click", () => runFromButton(over, problems, toggle));
  const standing = element("p", { class: "captioner-standing", role: "status" });
  const node = element(
    "div",
    { class: "captioner-bar" },
    element("div", { class: "field" }, element("label", { for: "captioner-who" }, "You are"), who),
    fresh,
    over,
    standing,
  );
  let people = lesson.participants ?? [];
  let record = null;
  let addedId = null;
  let token = null;

  const me = () => people.find((one) => one.id === who.value) ?? null;

  /** @returns {Promise<any>} the participant as whom one captions, added to the lesson if new */
  async function identify() {
    const known = me();
    if (known) return known;
    const wanted = name.value.trim();
    if (who.value !== NEW || !wanted) {
      name.focus();
      throw new Error("Say who you are first.");
    }
    const added = await addParticipant(lesson.id, wanted, "captioner");
    addedId = added.id;
    await onAdded();
    return added;
  }

  async function ownToken() {
    const { id } = await identify();
    if (token?.of !== id || Date.now() > token.until) {
      const until = Date.now() + TOKEN_USED_MS;
      token = { of: id, value: await mintToken(lesson.id, id), until };
    }
    return token.value;
  }

  async function toggle() {
    // The button cannot be pressed meanwhile, and whoever types on loses nothing.
    if (me()) onTaken();
    const own = await ownToken();
    const { id } = await identify();
    if (captionerOf(record)?.participantId === id) await handBack(lesson.id, own);
    else await takeOver(lesson.id, id, own);
    onTaken();
  }

  function drawPeople() {
    const places = caller.kind === "person" ? ownPlaces(caller, { participants: people }) : null;
    const may = places ?? people.filter((one) => CAPTIONING_ROLES.includes(one.role));
    renderWhenChanged(who, may, () => {
      const captioner = may.find((one) => one.role === "captioner");
      const options = may.map((one) => element("option", { value: one.id }, one.name));
      const chosen = options.find((one) => one.value === (addedId ?? captioner?.id));
      if (chosen) chosen.defaultSelected = true;
      const someone = element("option", { value: NEW, selected: !chosen }, "Someone new");
      return places === null ? [...options, someone] : options;
    });
    fresh.hidden = who.value !== NEW;
  }

  function draw() {
    if (record === null) return;
    drawPeople();
    const captioner = captionerOf(record);
    const mine = captioner !== null && captioner.participantId === me()?.id;
    setText(over, mine ? "Hand back to the engine" : "Take over the captions");
    over.classList.toggle("button-primary", !mine);
    over.hidden = record.status !== "live";
    setText(standing, standingOf(record.status, captioner, mine));
  }

  return {
    node,
    ownToken,
    /** @param {import("../record/record.js").LessonRecord} next @param {any[]} participants */
    update(next, participants) {
      record = next;
      people = participants;
      draw();
    },
  };
}

function standingOf(status, captioner, mine) {
  if (status === "scheduled") return "The lesson has not begun.";
  if (status === "ended") return "The lesson has ended. Its captions can still be corrected.";
  if (mine) {
    return "Readers see your captions. Where you send none for 30 seconds, the engine's come back.";
  }
  if (captioner) return `${captioner.name} captions this lesson now.`;
  return "Readers see the engine's captions, and yours beside them.";
}
