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
    // One sentence a speaker: when no captions come at all, that they are late says nothing more.
    const alarms = new Map();
    for (const alarm of record.alarms.values()) {
      const known = alarms.get(alarm.participantId);
      if (known?.reason !== "no_captions") alarms.set(alarm.participantId, alarm);
    }
    const sentences = [...alarms.values()].map((one) => tell(one, nameOf(one.participantId)));
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
