/**
 * Notes of a lesson that goes on, as its events tell them: segments, moments at which a learner may
 * not have understood, and talk moves. Pure. What was read from words that are put right or
 * superseded later follows them; whoever takes consent back is told of no more.
 */

import { isSuperseded } from "./takeovers.js";

/**
 * @typedef {{id: string, startMs: number, endMs: number, title: string, kind: string}} Segment
 * @typedef {{id: string, participantId: string, reason: string, startMs: number, endMs: number,
 *   captionIds: string[], eventIds: string[], misconception: string | null, confidence: number,
 *   model: string, modelVersion: string, revisions: Map<string, number>}} Moment revisions: of the
 *   captions it cites, as they were when it was told
 * @typedef {{participantId: string, role: "tutor" | "learner", move: string, revision: number}} Move
 * @typedef {{segments: Map<string, Segment>, moments: Map<string, Moment>, moves: Map<string, Move>,
 *   refused: Set<string>}} Notes moves: by caption
 * @typedef {Moment & {captions: import("./record.js").Caption[], isDated: boolean}} StandingMoment
 *   captions: what it cites, as it is now; isDated: words under it were put right since
 */

/** Without consent to both, nothing that somebody says is read. */
const NEEDED_CONSENT = ["signals", "captions"];

const PRESSES = ["pressing_for_accuracy", "pressing_for_reasoning"];

/** @returns {Notes} */
export const emptyNotes = () => ({
  segments: new Map(),
  moments: new Map(),
  moves: new Map(),
  refused: new Set(),
});

/** @param {Notes} known @returns {Notes} one whose parts may be changed */
export const copyNotes = (known) => ({
  segments: new Map(known.segments),
  moments: new Map(known.moments),
  moves: new Map(known.moves),
  refused: new Set(known.refused),
});

function noteSegment({ notes: { segments } }, _event, { segment }) {
  segments.set(segment.segment_id, {
    id: segment.segment_id,
    startMs: segment.start_ms,
    endMs: segment.end_ms,
    title: segment.title,
    kind: segment.kind,
  });
}

function noteMoment({ notes: { moments }, captions }, event, data) {
  const { moment } = data;
  const cited = (field) => [...new Set(moment.citations.flatMap((one) => one[field]))];
  const captionIds = cited("caption_ids");
  const known = captionIds.filter((id) => captions.has(id));
  moments.set(moment.moment_id, {
    id: moment.moment_id,
    participantId: event.subject,
    reason: moment.reason,
    startMs: moment.start_ms,
    endMs: moment.end_ms,
    captionIds,
    eventIds: cited("event_ids"),
    misconception: moment.misconception,
    confidence: moment.confidence,
    model: data.model,
    modelVersion: data.model_version,
    revisions: new Map(known.map((id) => [id, captions.get(id).revision])),
  });
}

/** A move of older words may come after one of newer words; the newer words are what was said. */
function noteMove({ notes: { moves } }, event, data) {
  const known = moves.get(data.caption_id);
  if (known && known.revision > data.revision) return;
  const { role, move, revision } = data;
  moves.set(data.caption_id, { participantId: event.subject, role, move, revision });
}

function noteConsent({ notes: { refused } }, { participant_id: id, purpose }, granted) {
  if (granted) refused.delete(`${id} ${purpose}`);
  else refused.add(`${id} ${purpose}`);
}

/** @type {Record<string, (record: any, event: any, data: any) => void>} */
export const NOTE_RULES = {
  "segment.closed": noteSegment,
  "comprehension.observed": noteMoment,
  "talk_move.observed": noteMove,
  "consent.revoked": (record, _event, data) => noteConsent(record, data, false),
  "consent.granted": (record, _event, data) => noteConsent(record, data, true),
};

const refuses = ({ notes: { refused } }, id) =>
  NEEDED_CONSENT.some((purpose) => refused.has(`${id} ${purpose}`));

/** A caption as it stands; null where there is none, or a captioner's has taken its place. */
function standingCaption(record, id) {
  const caption = record.captions.get(id);
  return caption && !isSuperseded(record, caption.engine, caption.startMs) ? caption : null;
}

/** @param {import("./record.js").LessonRecord} record @returns {Segment[]} in time */
export const segmentsOf = ({ notes: { segments } }) =>
  [...segments.values()].sort((one, other) => one.startMs - other.startMs);

/** @returns {StandingMoment | null} null: what it was read from does not stand any more */
function standing(record, moment) {
  if (refuses(record, moment.participantId)) return null;
  const captions = moment.captionIds
    .map((id) => standingCaption(record, id))
    .filter((caption) => caption !== null);
  const isOwn = captions.some(({ participantId }) => participantId === moment.participantId);
  if (!isOwn && moment.eventIds.length === 0) return null;
  const isDated = captions.some(({ captionId: id, revision }) => revision > moment.revisions.get(id));
  // What was taken for right was read from the words as they were.
  return { ...moment, captions, isDated, misconception: isDated ? null : moment.misconception };
}

/** @param {import("./record.js").LessonRecord} record @returns {StandingMoment[]} in time */
export const momentsOf = (record) =>
  [...record.notes.moments.values()]
    .map((moment) => standing(record, moment))
    .filter((moment) => moment !== null)
    .sort((one, other) => one.endMs - other.endMs);

/**
 * @typedef {{participantId: string, moves: Map<string, number>, questions: number,
 *   forReasoning: number, medianWaitMs: number | null}} OwnTalk forReasoning: of the questions
 */

/**
 * What one tutor's talk was made of, as far as it was told.
 * @param {import("./record.js").LessonRecord} record @param {string} id @returns {OwnTalk}
 */
export function talkOf(record, id) {
  const moves = standingMoves(record, id);
  const asked = record.engagement.questions.filter(
    (one) => one.askedBy === id && standingCaption(record, one.captionId) !== null,
  );
  const pressing = [...moves].filter(([, move]) => PRESSES.includes(move)).map(([caption]) => caption);
  const counts = new Map();
  for (const move of moves.values()) counts.set(move, (counts.get(move) ?? 0) + 1);
  return {
    participantId: id,
    moves: counts,
    questions: new Set([...asked.map(({ captionId }) => captionId), ...pressing]).size,
    forReasoning: counts.get("pressing_for_reasoning") ?? 0,
    medianWaitMs: median(asked.map(({ waitMs }) => waitMs).filter((wait) => wait !== null)),
  };
}

/** Moves by caption; words that were put right and not read again make none. */
function standingMoves(record, id) {
  const found = new Map();
  if (refuses(record, id)) return found;
  for (const [captionId, { participantId, role, move, revision }] of record.notes.moves) {
    if (participantId !== id || role !== "tutor") continue;
    const caption = standingCaption(record, captionId);
    if (caption !== null && caption.revision <= revision) found.set(captionId, move);
  }
  return found;
}

function median(values) {
  const sorted = values.sort((one, other) => one - other);
  return sorted.length === 0 ? null : sorted[Math.floor((sorted.length - 1) / 2)];
}
