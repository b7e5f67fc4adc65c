/**
 * A lesson's record, kept up to date: what is stored is read page by page, then followed live.
 * Every change goes through the pure rules of record.js.
 */

import { lessonPath, readEvents } from "./api.js";
import { followStream } from "./stream.js";
import { applyEvents, emptyRecord } from "../record/record.js";

/**
 * @typedef {{
 *   onRecord: (record: import("../record/record.js").LessonRecord, fresh: object[]) => void,
 *   onCaughtUp: () => void,
 *   onPartial: (partial: any) => void,
 *   onRecording: (progress: any) => void,
 *   onState: (state: "open" | "waiting") => void,
 * }} FeedListener
 */

/**
 * Follows a lesson until `signal` aborts.
 * @param {string} lessonId @param {AbortSignal} signal @param {FeedListener} listener
 * @throws {import("./http.js").ApiProblem} when the lesson cannot be read at all
 */
export async function followLesson(lessonId, signal, listener) {
  let record = emptyRecord();
  const apply = (events, fresh) => {
    record = applyEvents(record, events);
    listener.onRecord(record, fresh);
  };
  for await (const events of readEvents(lessonId)) {
    if (signal.aborted) return;
    apply(events, []);
  }
  listener.onCaughtUp();
  const passing = {
    "caption.partial": listener.onPartial,
    "recording.progress": listener.onRecording,
  };
  const onMessage = ({ id, event, data }) => {
    const content = JSON.parse(data);
    if (id === null) passing[event]?.(content.data ?? content);
    else if (content.ledgersequence > record.lastSequence) apply([content], [content]);
  };
  const after = record.lastSequence;
  const { onState } = listener;
  await followStream(`${lessonPath(lessonId)}/events`, { after, signal, onMessage, onState });
}
