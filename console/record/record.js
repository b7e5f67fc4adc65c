/**
 * The lesson as its events tell it. Pure: the same events give the same record, in the same order,
 * whether they came live or were read again after a reload.
 */

import { endDelays, noteDelay, noteFinal } from "./delays.js";
import { ENGAGEMENT_RULES, copyEngagement, emptyEngagement } from "./engagement.js";
import { NOTE_RULES, copyNotes, emptyNotes } from "./notes.js";
import { HUMAN, beginTakeover, endTakeover, isSuperseded, noteTyped } from "./takeovers.js";

/**
 * @typedef {{revision: number, text: string, by: string | null, time: string}} Revision by: id of
 *   whoever made it, null for the engine
 * @typedef {{captionId: string, trackId: string | null, participantId: string, name: string,
 *   role: string, revision: number, startMs: number, endMs: number, text: string, original: string,
 *   corrected: boolean, confidence: number | null, latencyMs: number | null, engine: string,
 *   typedBy: string | null, revisions: Revision[]}} Caption
 * @typedef {{text: string, revision: number}} Translation holds for that revision of its caption;
 *   a record has them by language and then by caption
 * @typedef {{trackId: string, participantId: string, target: string, targetMs: number,
 *   measuredMs: number, sinceMs: number, reason: string}} Alarm
 * @typedef {{id: string, kind: string, participantId: string, muted: boolean, live: boolean}} Track
 * @typedef {{id: string, name: string, role: string, present: boolean, handRaised: boolean}} Person
 * @typedef {{lastSequence: number, status: "scheduled" | "live" | "ended", startedAt: string | null,
 *   translations: Map<string, Map<string, Translation>>,
 *   endedAt: string | null, captions: Map<string, Caption>, tracks: Map<string, Track>,
 *   people: Map<string, Person>, alarms: Map<string, Alarm>,
 *   delays: Map<string, import("./delays.js").Delay>,
 *   takeovers: import("./takeovers.js").Takeover[], typedMs: number[],
 *   engagement: import("./engagement.js").Engagement, notes: import("./notes.js").Notes,
 *   events: object[]}} LessonRecord
 */

/** @returns {LessonRecord} */
export const emptyRecord = () => ({
  lastSequence: 0,
  status: "scheduled",
  startedAt: null,
  endedAt: null,
  captions: new Map(),
  translations: new Map(),
  tracks: new Map(),
  people: new Map(),
  alarms: new Map(),
  delays: new Map(),
  takeovers: [],
  typedMs: [],
  engagement: emptyEngagement(),
  notes: emptyNotes(),
  events: [],
});

/**
 * A new record with the events applied. Events already in the record are passed over, so a page
 * read twice or a stream that overlaps changes nothing.
 * @param {LessonRecord} record @param {object[]} events in ledger order
 * @returns {LessonRecord}
 */
export function applyEvents(record, events) {
  const next = {
    ...record,
    captions: new Map(record.captions),
    translations: new Map(record.translations),
    tracks: new Map(record.tracks),
    people: new Map(record.people),
    alarms: new Map(record.alarms),
    delays: new Map(record.delays),
    engagement: copyEngagement(record.engagement),
    notes: copyNotes(record.notes),
    events: [...record.events],
  };
  for (const event of events) {
    if (event.ledgersequence <= next.lastSequence) continue;
    next.lastSequence = event.ledgersequence;
    next.events.push(event);
    for (const rules of ALL_RULES) rules[event.type]?.(next, event, event.data);
    endDelays(next, event.lessontimems);
  }
  return next;
}

/** @param {LessonRecord} record @returns {Caption[]} in the order they were spoken */
export function spokenOrder(record) {
  const first = (one, other) =>
    one.startMs - other.startMs || (one.captionId < other.captionId ? -1 : 1);
  return [...record.captions.values()].sort(first);
}

/** @param {LessonRecord} record @returns {Caption[]} those that no captioner's supersede */
export const transcriptOrder = (record) =>
  spokenOrder(record).filter((one) => !isSuperseded(record, one.engine, one.startMs));

/** @param {LessonRecord} record @returns {number | null} median ms from end of speech to its final */
export function medianLatencyMs(record) {
  const known = [...record.captions.values()].map((caption) => caption.latencyMs);
  const sorted = known.filter((value) => value !== null).sort((one, other) => one - other);
  return sorted.length === 0 ? null : sorted[Math.floor((sorted.length - 1) / 2)];
}

/** @param {LessonRecord} record @param {string} participantId @returns {Track[]} */
export const liveTracks = (record, participantId) =>
  [...record.tracks.values()].filter(
    (track) => track.live && track.participantId === participantId,
  );

const whoOf = (event) => event.data.participant_id ?? event.subject;

function changePerson(record, id, change) {
  const known = record.people.get(id);
  const person = known ?? { id, name: "", role: "", present: false, handRaised: false };
  record.people.set(id, { ...person, ...change });
}

const alarmKey = (data) => `${data.track_id} ${data.target}`;

function endAlarms(record, isOver) {
  for (const [key, alarm] of record.alarms) if (isOver(alarm)) record.alarms.delete(key);
}

function changeTrack(record, event, change) {
  const known = record.tracks.get(event.data.track_id);
  if (known) record.tracks.set(known.id, { ...known, ...change });
}

/** @type {Record<string, (record: LessonRecord, event: any, data: any) => void>} */
const RULES = {
  "lesson.started": (record, event) => {
    record.status = "live";
    record.startedAt = event.time;
  },
  "lesson.ended": (record, event) => {
    record.status = "ended";
    record.endedAt = event.time;
    endTakeover(record, event.lessontimems);
    endAlarms(record, () => true);
    record.delays.clear();
    for (const id of record.people.keys()) {
      changePerson(record, id, { present: false, handRaised: false });
    }
  },
  "participant.joined": (record, event, data) =>
    changePerson(record, whoOf(event), { name: data.name, role: data.role, present: true }),
  "participant.left": (record, event) =>
    changePerson(record, whoOf(event), { present: false, handRaised: false }),
  "track.published": (record, event, data) =>
    record.tracks.set(data.track_id, {
      id: data.track_id,
      kind: data.kind,
      participantId: whoOf(event),
      muted: data.muted ?? false,
      live: true,
    }),
  "track.ended": (record, event, data) => {
    changeTrack(record, event, { live: false });
    endAlarms(record, (alarm) => alarm.trackId === data.track_id);
    record.delays.delete(data.track_id);
  },
  "captions.target_missed": (record, event, data) =>
    record.alarms.set(alarmKey(data), {
      trackId: data.track_id,
      participantId: event.subject,
      target: data.target,
      targetMs: data.target_ms,
      measuredMs: data.measured_ms,
      sinceMs: data.since_ms,
      reason: data.reason,
    }),
  "captions.target_met": (record, event, data) => record.alarms.delete(alarmKey(data)),
  "captioner.took_over": (record, event, data) =>
    beginTakeover(record, {
      participantId: event.subject,
      name: data.name,
      startMs: event.lessontimems,
      endMs: null,
    }),
  "captioner.handed_back": (record, event) => endTakeover(record, event.lessontimems),
  "track.muted": (record, event, data) => changeTrack(record, event, { muted: data.muted }),
  "hand.raised": (record, event) => changePerson(record, whoOf(event), { handRaised: true }),
  "hand.lowered": (record, event) => changePerson(record, whoOf(event), { handRaised: false }),
  "caption.delayed": noteDelay,
  "caption.final": (record, event, data) => {
    noteFinal(record, data);
    if (data.engine === HUMAN) noteTyped(record, data.start_ms);
    const { text, revision } = data;
    record.captions.set(data.caption_id, {
      captionId: data.caption_id,
      trackId: data.track_id,
      participantId: data.participant_id,
      name: data.participant_name,
      role: data.role,
      revision: data.revision,
      startMs: data.start_ms,
      endMs: data.end_ms,
      text: data.text,
      original: data.text,
      corrected: false,
      confidence: data.confidence ?? null,
      latencyMs: data.finalised_at_ms == null ? null : data.finalised_at_ms - data.speech_end_ms,
      engine: data.engine,
      typedBy: data.typed_by ?? null,
      revisions: [{ revision, text, by: data.typed_by ?? null, time: event.time }],
    });
  },
  "caption.corrected": (record, event, data) => {
    const known = record.captions.get(data.caption_id);
    if (!known || data.revision <= known.revision) return;
    const { text, revision } = data;
    const made = { revision, text, by: data.corrected_by, time: event.time };
    record.captions.set(known.captionId, {
      ...known,
      text,
      revision,
      corrected: true,
      revisions: [...known.revisions, made],
    });
  },
  "caption.translated": (record, event, data) => {
    const known = record.translations.get(data.language) ?? [];
    const made = [data.caption_id, { text: data.text, revision: data.revision }];
    record.translations.set(data.language, new Map([...known, made]));
  },
};

const ALL_RULES = [RULES, ENGAGEMENT_RULES, NOTE_RULES];
