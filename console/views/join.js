/** Joining with the microphone and camera: who you are, what you send, and whether it arrives. */

import { postEvent } from "../client/api.js";
import { Publishing } from "../client/publishing.js";
import { readJoined } from "../client/session.js";
import { liveTracks } from "../record/record.js";
import { element, setText } from "./element.js";
import { createIdentityForm } from "./identity_form.js";
import { failureNotice } from "./notices.js";
import { createSelf } from "./self_view.js";

const STATES = {
  out: "",
  opening: "Asking for the microphone…",
  connecting: "Connecting…",
  live: "You are in. What you say is captioned.",
  reconnecting: "Reconnecting…",
};

/** @param {string} lessonId @param {{onPeopleChanged: () => void}} options */
export function createJoin(lessonId, { onPeopleChanged }) {
  const publishing = new Publishing(lessonId);
  const status = element("p", { class: "join-status", role: "status" });
  const place = element("div");
  let handRaised = false;

  async function toggleHand() {
    const type = handRaised ? "hand.lowered" : "hand.raised";
    const { participantId } = publishing.identity;
    const event = { id: crypto.randomUUID(), type, subject: participantId, data: {} };
    try {
      await postEvent(lessonId, event, await publishing.token());
    } catch (error) {
      place.replaceChildren(failureNotice(error));
    }
  }

  const self = createSelf(publishing, toggleHand);
  const form = createIdentityForm(lessonId, (identify, camera) => {
    place.replaceChildren();
    publishing.join(
      async () => {
        const identity = await identify();
        onPeopleChanged();
        return identity;
      },
      { camera },
    );
  });

  function changed() {
    const { state, note } = publishing;
    node.dataset.publishing = state;
    form.node.hidden = state !== "out";
    self.node.hidden = state === "out" || state === "opening";
    if (state === "out") place.replaceChildren(...(note ? [failureNotice(new Error(note))] : []));
    setText(status, [STATES[state], state === "out" ? "" : note].filter(Boolean).join(" "));
    self.update();
  }

  const node = element("div", { class: "join" }, status, place, self.node, form.node);
  const takeDown = () => publishing.leaveWithPage();
  const comeBack = (event) => event.persisted && location.reload();
  addEventListener("pagehide", takeDown);
  addEventListener("pageshow", comeBack);
  publishing.addEventListener("change", changed);
  changed();

  return {
    node,
    /** Resumes what a reload interrupted. */
    resume: () => {
      const joined = readJoined(lessonId);
      return joined ? publishing.resume(joined) : Promise.resolve();
    },
    /** @param {import("../record/record.js").LessonRecord} record */
    update(record, people) {
      const taken = people.filter((person) => liveTracks(record, person.id).length > 0);
      form.setPeople(
        people,
        taken.map((person) => person.id),
      );
      const me = publishing.identity && record.people.get(publishing.identity.participantId);
      handRaised = me?.handRaised ?? false;
      self.hand.setAttribute("aria-pressed", String(handRaised));
      setText(self.hand.lastChild, handRaised ? "Lower hand" : "Raise hand");
      node.classList.toggle("join-over", record.status === "ended");
      if (record.status === "ended" && publishing.state !== "out") publishing.leave();
    },
    close() {
      removeEventListener("pagehide", takeDown);
      removeEventListener("pageshow", comeBack);
      self.close();
      if (publishing.state !== "out") publishing.leave();
    },
  };
}
