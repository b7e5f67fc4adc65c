/** Captions that are too late, told calmly; and who captions by hand instead. */

import { handBack } from "../client/captions_api.js";
import { captionerOf } from "../record/takeovers.js";
import { clock, secondsOf } from "../record/words.js";
import { element, renderWhenChanged } from "./element.js";
import { runFromButton } from "./notices.js";

const TARGETS = {
  speech_end_to_final: "finished captions",
  word_to_screen: "words",
};

/** @param {import("../record/record.js").Alarm} alarm @param {string} name of the speaker */
function tell(alarm, name) {
  if (alarm.reason === "no_captions") {
    return `Since ${clock(alarm.sinceMs)} no captions come for what ${name} says.`;
  }
  const late = secondsOf(alarm.measuredMs);
  const target = secondsOf(alarm.targetMs);
  return `Since ${clock(alarm.sinceMs)} the ${TARGETS[alarm.target]} of ${name} come late: after ${late}, where ${target} is the target.`;
}

/** @param {import("../record/delays.js").Delay} delay @param {string} name of the speaker */
function tellDelay(delay, name) {
  const why = delay.cause === "captioner_away" ? "cannot be reached" : "has much to do";
  return `Since ${clock(delay.sinceMs)} the captions of ${name} come late, after ${secondsOf(delay.waitedMs)} or more: the engine ${why}. What is said is kept, and its captions still come.`;
}

/**
 * One sentence a speaker: that captions still come says more than how late they are.
 * @param {import("../record/record.js").LessonRecord} record
 * @param {(id: string | null) => string} nameOf @returns {string[]}
 */
function sentencesOf(record, nameOf) {
  const sentences = new Map();
  const say = (id, tellOf) => sentences.has(id) || sentences.set(id, tellOf(nameOf(id)));
  const alarms = [...record.alarms.values()];
  for (const one of record.delays.values()) say(one.participantId, (name) => tellDelay(one, name));
  for (const one of alarms.filter(({ reason }) => reason === "no_captions")) {
    say(one.participantId, (name) => tell(one, name));
  }
  for (const one of alarms) say(one.participantId, (name) => tell(one, name));
  return [...sentences.values()];
}

/**
 * @param {string} lessonId
 * @param {(id: string | null) => string} nameOf a participant in words
 */
export function createCaptionAlarm(lessonId, nameOf) {
  const place = element("div");
  // A status is read out when the reader is done with what they hear: it is no emergency.
  const node = element("div", { class: "caption-alarm", role: "status" });
  let may = false;

  const captionerLink = (label) =>
    element("a", { class: "button", href: `#/lessons/${lessonId}/captioner` }, label);

  function takenOver(captioner) {
    const back = element(
      "button",
      {
        type: "button",
        class: "button",
        onclick: () => runFromButton(back, place, () => handBack(lessonId)),
      },
      "Hand back to the engine",
    );
    const text = `${captioner.name} captions this lesson by hand since ${clock(captioner.startMs)}.`;
    return [
      element("p", {}, text),
      may && element("div", { class: "alarm-actions" }, captionerLink("Captioner's page"), back),
      place,
    ].filter(Boolean);
  }

  const late = (sentences) => [
    element("div", {}, ...sentences.map((sentence) => element("p", {}, sentence))),
    ...(may ? [captionerLink("Hand over to a captioner")] : []),
  ];

  /** @param {import("../record/record.js").LessonRecord} record */
  function update(record) {
    const captioner = captionerOf(record);
    const sentences = sentencesOf(record, nameOf);
    node.dataset.state = captioner ? "taken-over" : sentences.length > 0 ? "late" : "quiet";
    renderWhenChanged(node, [captioner, sentences, may], () => {
      if (captioner) return takenOver(captioner);
      return sentences.length > 0 ? late(sentences) : [];
    });
  }

  return {
    node,
    update,
    /** Whether the user may hand over and back. @param {boolean} allowed */
    allowHandingOver: (allowed) => {
      may = allowed;
    },
  };
}
