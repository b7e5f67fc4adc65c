/**
 * What was inferred about learners, and what people said to it, as a lesson's events tell it. Pure:
 * the same events give the same, however they came. Nothing here orders learners, or adds them up.
 */

/**
 * @typedef {{name: string, value: number | null, strength: number, text: string}} Observation
 *   strength in -1..1: how strongly it speaks for the state, or against it
 * @typedef {{participantId: string, state: string, sinceMs: number, startMs: number, endMs: number,
 *   toldMs: number, confidence: number, context: string, observations: Observation[],
 *   evidence: {event_ids: string[], start_ms: number, end_ms: number}[], model: string,
 *   modelVersion: string, signalIds: string[]}} Span one state for as long as it held, with the
 *   newest signal's reasons; toldMs: when that signal came, on the lesson clock
 * @typedef {{estimate: number, low: number, high: number}} Range
 * @typedef {{startMs: number, endMs: number, contribution: Range | null,
 *   responsiveness: Range | null, practice: Range | null, help_seeking: Range | null}} Profile
 * @typedef {{id: string, participantId: string, reason: string, text: string, atMs: number,
 *   observations: Observation[], answer: string | null}} Nudge
 * @typedef {{id: string, participantId: string, signalIds: string[], startMs: number | null,
 *   endMs: number | null, remark: string | null, atMs: number, outcome: string | null,
 *   review: string | null}} Contest outcome: null until somebody who teaches has reviewed it
 * @typedef {{captionId: string, askedBy: string, askedMs: number, waitMs: number | null,
 *   answeredBy: string | null}} Question waitMs: null where nobody spoke; answeredBy: null with a wait where whoever asked went on
 * @typedef {{spans: Map<string, Span[]>, profiles: Map<string, Profile>, nudges: Map<string, Nudge>,
 *   contests: Map<string, Contest>, withdrawn: Set<string>, camera: Map<string, any>,
 *   questions: Question[], participation: any}} Engagement
 */

/** @returns {Engagement} */
export const emptyEngagement = () => ({
  spans: new Map(),
  profiles: new Map(),
  nudges: new Map(),
  contests: new Map(),
  withdrawn: new Set(),
  camera: new Map(),
  questions: [],
  participation: null,
});

/** @param {Engagement} known @returns {Engagement} one whose parts may be changed */
export const copyEngagement = (known) => ({
  ...known,
  spans: new Map(known.spans),
  profiles: new Map(known.profiles),
  nudges: new Map(known.nudges),
  contests: new Map(known.contests),
  withdrawn: new Set(known.withdrawn),
  camera: new Map(known.camera),
});

/** @param {Engagement} engagement @param {string} id @returns {Span | null} the state that holds */
export const newestSpan = ({ spans }, id) => spans.get(id)?.at(-1) ?? null;

/** @param {Contest} contest @param {Span} span @returns {boolean} whether it is about the span */
function concerns({ participantId, signalIds, startMs, endMs }, span) {
  if (participantId !== span.participantId) return false;
  if (signalIds.length > 0) return signalIds.some((id) => span.signalIds.includes(id));
  return startMs < span.endMs && endMs > span.startMs;
}

/** @param {Engagement} engagement @param {Span} span @returns {Contest | null} the newest about it */
export const contestOf = ({ contests }, span) =>
  [...contests.values()].findLast((contest) => concerns(contest, span)) ?? null;

/** Whether a span counts in what is said of the group: nobody contests it, or it was confirmed. */
export function stands(engagement, span) {
  const contest = contestOf(engagement, span);
  return contest === null || contest.outcome === CONFIRMED;
}

/** What reviewers can say: the signal stands as it was, or it is taken back. */
export const CONFIRMED = "upheld";
export const TAKEN_BACK = "withdrawn";

function noteSignal({ engagement: { spans, withdrawn } }, event, data) {
  const id = event.subject;
  if (withdrawn.has(id)) return;
  const known = spans.get(id) ?? [];
  const last = known.at(-1);
  const goesOn = last?.state === data.state && last.sinceMs === data.since_ms;
  const span = {
    participantId: id,
    state: data.state,
    sinceMs: data.since_ms,
    startMs: goesOn ? last.startMs : data.start_ms,
    endMs: data.end_ms,
    toldMs: event.lessontimems,
    confidence: data.confidence,
    context: data.context,
    observations: data.observations,
    evidence: data.evidence,
    model: data.model,
    modelVersion: data.model_version,
    signalIds: goesOn ? [...last.signalIds, event.id] : [event.id],
  };
  spans.set(id, goesOn ? [...known.slice(0, -1), span] : [...known, span]);
}

function noteProfile({ engagement: { profiles } }, event, data) {
  profiles.set(event.subject, {
    startMs: data.start_ms,
    endMs: data.end_ms,
    contribution: data.contribution,
    responsiveness: data.responsiveness,
    practice: data.practice,
    help_seeking: data.help_seeking,
  });
}

function noteNudge({ engagement: { nudges } }, event, data) {
  nudges.set(data.nudge_id, {
    id: data.nudge_id,
    participantId: event.subject,
    reason: data.reason,
    text: data.text,
    atMs: event.lessontimems,
    observations: data.observations,
    answer: null,
  });
}

function noteAnswer({ engagement: { nudges } }, _event, data) {
  const nudge = nudges.get(data.nudge_id);
  if (nudge) nudges.set(nudge.id, { ...nudge, answer: data.answer });
}

function noteContest({ engagement: { contests } }, event, data) {
  contests.set(event.id, {
    id: event.id,
    participantId: event.subject,
    signalIds: data.signal_ids ?? [],
    startMs: data.start_ms ?? null,
    endMs: data.end_ms ?? null,
    remark: data.remark ?? null,
    atMs: event.lessontimems,
    outcome: null,
    review: null,
  });
}

function noteReview({ engagement: { contests } }, _event, data) {
  const contest = contests.get(data.contest_id);
  if (!contest) return;
  contests.set(contest.id, { ...contest, outcome: data.outcome, review: data.remark ?? null });
}

/** A question is told once its wait is known, or when nobody has spoken for 15 seconds. */
function noteQuestion({ engagement }, event, data) {
  const question = {
    captionId: data.caption_id,
    askedBy: event.subject,
    askedMs: data.asked_at_ms,
    waitMs: data.wait_ms,
    answeredBy: data.answered_by,
  };
  engagement.questions = [...engagement.questions, question];
}

/** Without consent nothing goes on being shown of what was inferred; the past stays on record. */
function noteConsent({ engagement }, { purpose, participant_id: id }, granted) {
  if (purpose === "camera_signals" && !granted) engagement.camera.delete(id);
  if (purpose !== "signals") return;
  if (granted) engagement.withdrawn.delete(id);
  else engagement.withdrawn.add(id);
}

/** @type {Record<string, (record: {engagement: Engagement}, event: any, data: any) => void>} */
export const ENGAGEMENT_RULES = {
  "engagement.signal": noteSignal,
  "engagement.profile": noteProfile,
  "engagement.nudge": noteNudge,
  "engagement.nudge_answered": noteAnswer,
  "engagement.contested": noteContest,
  "engagement.reviewed": noteReview,
  "question.asked": noteQuestion,
  "participation.measured": ({ engagement }, _event, data) => {
    engagement.participation = data;
  },
  "camera.observed": ({ engagement: { camera } }, event, data) => camera.set(event.subject, data),
  "consent.revoked": (record, _event, data) => noteConsent(record, data, false),
  "consent.granted": (record, _event, data) => noteConsent(record, data, true),
};
