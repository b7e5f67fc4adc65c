/** Who is in the lesson, with the state of their microphone and camera. */

import { liveTracks } from "../record/record.js";
import { roleName } from "../record/words.js";
import { element, icon, renderWhenChanged } from "./element.js";

function trackState(track) {
  if (track.kind === "video") return ["camera", "Camera on"];
  return track.muted ? ["microphone-off", "Muted"] : ["microphone", "Microphone on"];
}

function stateOf(person, tracks) {
  const states = tracks.map(trackState);
  if (person.handRaised) states.unshift(["hand", "Hand raised"]);
  return states;
}

function personItem(person, states) {
  const away = !person.present && states.length === 0;
  return element(
    "li",
    { class: away ? "person person-away" : "person", "data-participant-id": person.id },
    element(
      "div",
      { class: "person-who" },
      person.role === "learner" && person.personId
        ? element("a", { class: "person-name", href: `#/learners/${person.personId}` }, person.name)
        : element("span", { class: "person-name" }, person.name),
      element("span", { class: "person-role" }, roleName(person.role)),
    ),
    element(
      "ul",
      { class: "person-states" },
      ...(away ? [["", "Not here"]] : states).map(([name, label]) =>
        element(
          "li",
          { class: name === "hand" ? "state state-hand" : "state" },
          name && icon(name),
          label,
        ),
      ),
    ),
  );
}

/** Everyone the events know, by the names they were added with, and those who have not come yet. */
function everyone(record, expected) {
  const added = new Map(expected.map((person) => [person.id, person]));
  const known = [...record.people.values()].map((person) => ({
    ...person,
    name: person.name || added.get(person.id)?.name,
    role: person.role || added.get(person.id)?.role,
  }));
  const waiting = expected.filter((person) => !record.people.has(person.id));
  const absent = waiting.map((person) => ({ ...person, present: false, handRaised: false }));
  return [...known.filter((person) => person.name), ...absent];
}

export function createPeople() {
  const list = element("ul", { class: "people" });
  const empty = element("p", { class: "help" }, "Nobody has been added yet.");
  const node = element("div", {}, empty, list);

  /** @param {import("../record/record.js").LessonRecord} record
   *  @param {import("../client/api.js").Participant[]} expected */
  function update(record, expected) {
    const personIds = new Map(expected.map((one) => [one.id, one.person_id]));
    const people = everyone(record, expected).map((person) => ({
      ...person,
      personId: personIds.get(person.id),
      states: stateOf(person, liveTracks(record, person.id)),
    }));
    empty.hidden = people.length > 0;
    renderWhenChanged(list, people, () =>
      people.map((person) => personItem(person, person.states)),
    );
  }

  return { node, update };
}
