/** Joining with the microphone and camera: who you are, what you send, and whether it arrives. */

import { addParticipant, postEvent } from "../client/api.js";
import { LevelMeter } from "../client/media.js";
import { Publishing } from "../client/publishing.js";
import { keepIdentity, readIdentity, readJoined } from "../client/session.js";
import { roleName } from "../record/words.js";
import { element, icon, setText } from "./element.js";
import { field, roleSelect } from "./new_lesson.js";
import { failureNotice } from "./notices.js";

const METER_MS = 80;
const NEW = "new";
const STATES = {
  out: "",
  opening: "Asking for the microphone…",
  connecting: "Connecting…",
  live: "You are in. What you say is captioned.",
  reconnecting: "Reconnecting…",
};

/** The form: someone already added to the lesson, or someone new. */
function createIdentityForm(lessonId, onJoin) {
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
  who.addEventListener("change", toggle);
  let people = [];

  async function identify() {
    const known = people.find((person) => person.id === who.value);
    const person = known ?? (await addParticipant(lessonId, name.value.trim(), role.value));
    const identity = { participantId: person.id, name: person.name, role: person.role };
    keepIdentity(lessonId, identity);
    return identity;
  }

  function setPeople(list) {
    if (list.map((person) => person.id).join() === people.map((person) => person.id).join()) {
      return who.childElementCount > 0;
    }
    const chosen = who.value || readIdentity(lessonId)?.participantId;
    people = list;
    const options = list.map((person) =>
      element("option", { value: person.id }, `${person.name}, ${roleName(person.role)}`),
    );
    who.replaceChildren(...options, element("option", { value: NEW }, "Someone new"));
    who.value = list.some((person) => person.id === chosen) ? chosen : NEW;
    toggle();
    return true;
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
  who.append(element("option", { value: NEW }, "Someone new"));
  toggle();
  return { node, setPeople };
}

/** The preview, the meter and the buttons while the user is in. */
function createSelf(publishing, onHand) {
  const preview = element("video", {
    class: "preview",
    muted: true,
    playsinline: true,
    autoplay: true,
    "aria-label": "Your camera",
  });
  preview.muted = true;
  const bar = element("span", { class: "level-bar" });
  const level = element(
    "div",
    {
      class: "level",
      role: "meter",
      "aria-label": "Microphone level",
      "aria-valuemin": "0",
      "aria-valuemax": "100",
      "aria-valuenow": "0",
    },
    bar,
  );
  const press = (label, glyph, onclick) =>
    element(
      "button",
      { type: "button", class: "button", "aria-pressed": "false", onclick },
      icon(glyph),
      element("span", {}, label),
    );
  const mute = press("Mute", "microphone", () => publishing.setMuted(!publishing.muted));
  const hand = press("Raise hand", "hand", onHand);
  const leave = element(
    "button",
    { type: "button", class: "button button-danger", onclick: () => publishing.leave() },
    "Leave",
  );
  const node = element(
    "div",
    { class: "self" },
    preview,
    level,
    element("div", { class: "self-buttons" }, mute, hand, leave),
  );
  let meter = null;
  let timer = 0;

  function startMeter(stream) {
    meter = new LevelMeter(stream);
    timer = setInterval(() => {
      const loudness = publishing.muted ? 0 : meter.read();
      bar.style.setProperty("inline-size", `${Math.round(loudness * 100)}%`);
      level.setAttribute("aria-valuenow", String(Math.round(loudness * 100)));
    }, METER_MS);
  }

  function stopMeter() {
    clearInterval(timer);
    meter?.close();
    meter = null;
  }

  function update() {
    const { stream, muted } = publishing;
    if (preview.srcObject !== stream) {
      stopMeter();
      preview.srcObject = stream;
      preview.hidden = !stream || stream.getVideoTracks().length === 0;
      if (stream) startMeter(stream);
    }
    mute.setAttribute("aria-pressed", String(muted));
    setText(mute.lastChild, muted ? "Unmute" : "Mute");
    mute.replaceChild(icon(muted ? "microphone-off" : "microphone"), mute.firstChild);
  }

  return { node, update, hand, close: stopMeter };
}

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
      form.setPeople(people);
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
