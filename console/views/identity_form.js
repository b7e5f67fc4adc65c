/** Who the user is in a lesson: someone already added to it, or someone new. */

import { addParticipant } from "../client/api.js";
import { keepIdentity, readIdentity } from "../client/session.js";
import { roleName } from "../record/words.js";
import { element, renderWhenChanged } from "./element.js";
import { field, roleSelect } from "./new_lesson.js";

const NEW = "new";

/**
 * @param {string} lessonId
 * @param {(identify: () => Promise<import("../client/session.js").Identity>, camera: boolean) => void} onJoin
 */
export function createIdentityForm(lessonId, onJoin) {
  const who = element("select", { id: "who" });
  const name = element("input", { id: "join-name", maxlength: "100", autocomplete: "name" });
  const role = roleSelect("join-role");
  const fresh = element(
    "div",
    { class: "field-pair" },
    field("Your name", name),
    field("Your role", role),
  );
  const camera = element("input", { id: "camera", type: "checkbox", checked: true });
  const toggle = () => {
    fresh.hidden = who.value !== NEW;
    name.required = !fresh.hidden;
  };
  let people = [];
  let touched = false;
  who.addEventListener("change", () => {
    touched = true;
    toggle();
  });

  async function identify() {
    const known = people.find((person) => person.id === who.value);
    const person = known ?? (await addParticipant(lessonId, name.value.trim(), role.value));
    const identity = { participantId: person.id, name: person.name, role: person.role };
    keepIdentity(lessonId, identity);
    return identity;
  }

  /** Someone who is speaking already cannot be joined as a second time. */
  function option(person, taken) {
    const label = `${person.name}, ${roleName(person.role)}`;
    return element("option", { value: person.id, disabled: taken }, label);
  }

  /** @param {import("../client/api.js").Participant[]} list @param {string[]} taken ids */
  function setPeople(list, taken) {
    people = list;
    renderWhenChanged(who, [list, taken], () => {
      const chosen = touched ? who.value : readIdentity(lessonId)?.participantId;
      const options = list.map((person) => option(person, taken.includes(person.id)));
      const wanted = options.find((one) => one.value === chosen && !one.disabled);
      if (wanted) wanted.defaultSelected = true;
      return [...options, element("option", { value: NEW, selected: !wanted }, "Someone new")];
    });
    toggle();
  }

  const node = element(
    "form",
    {
      class: "join-form",
      onsubmit: (event) => {
        event.preventDefault();
        onJoin(identify, camera.checked);
      },
    },
    field("Join as", who),
    fresh,
    element("label", { class: "check" }, camera, "Send my camera too"),
    element(
      "button",
      { class: "button button-primary button-wide" },
      "Join with my microphone and camera",
    ),
    element(
      "p",
      { class: "help" },
      "What you say becomes part of this lesson's record. Sound and picture are not kept.",
    ),
  );
  setPeople([], []);
  return { node, setPeople };
}
