/** For whom the next caption speaks: a press of Ctrl and a digit, or a click. */

import { roleName } from "../record/words.js";
import { element, renderWhenChanged } from "./element.js";

/** Roles whose people speak in a lesson; whoever watches does not stand in the way of the others. */
const SPEAKERS = ["instructor", "teaching_assistant", "learner", "administrator", "guardian"];
const MOST_DIGITS = 9;
/** Whoever cannot be told apart. */
const ROOM = { id: null, name: "The room", role: "" };

/** @returns {{node: HTMLElement, update: (people: any[]) => void, chosen: () => {id: string | null, name: string},
 *   onKey: (event: KeyboardEvent) => boolean}} */
export function createSpeakerChoice() {
  const node = element("div", {
    class: "speakers",
    role: "radiogroup",
    "aria-label": "Who is speaking",
  });
  const said = element("p", { class: "visually-hidden", role: "status" });
  let people = [ROOM];
  let chosen = ROOM;

  function choose(person, aloud) {
    chosen = person;
    if (aloud) said.textContent = `Speaking: ${person.name}`;
    draw();
  }

  function draw() {
    renderWhenChanged(node, [people, chosen.id], () => people.map(button));
  }

  function button(person, index) {
    const digit = index < MOST_DIGITS ? index + 1 : null;
    const own = person.id === chosen.id;
    return element(
      "button",
      {
        type: "button",
        class: "speaker",
        role: "radio",
        "aria-checked": String(own),
        "aria-keyshortcuts": digit && `Control+${digit} Alt+${digit}`,
        tabindex: own ? "0" : "-1",
        onclick: () => choose(person, false),
      },
      digit && element("kbd", { "aria-hidden": "true" }, String(digit)),
      element("span", { class: "speaker-name" }, person.name),
      person.role && element("span", { class: "speaker-role" }, roleName(person.role)),
    );
  }

  node.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = people.findIndex((one) => one.id === chosen.id);
    choose(people[(at + step + people.length) % people.length], false);
    node.querySelector("[aria-checked=true]").focus();
  });

  draw();
  return {
    node: element("div", {}, node, said),
    chosen: () => chosen,
    /** @param {{id: string, name: string, role: string}[]} participants */
    update(participants) {
      const speakers = participants.filter((one) => SPEAKERS.includes(one.role));
      const first = people.length === 1;
      people = [...speakers.map(({ id, name, role }) => ({ id, name, role })), ROOM];
      const same = people.find((one) => one.id === chosen.id);
      if (first || !same) chosen = people[0];
      draw();
    },
    /** Chooses by Ctrl or Alt and a digit; true if it was such a key. */
    onKey(event) {
      if (!(event.ctrlKey || event.altKey) || event.metaKey || !/^Digit[1-9]$/.test(event.code)) {
        return false;
      }
      const person = people[Number(event.code.at(-1)) - 1];
      if (person) choose(person, true);
      event.preventDefault();
      return true;
    },
  };
}
