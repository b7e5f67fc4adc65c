/**
 * When a person captions by hand, and which of the engine's captions that supersedes. Pure; the same
 * rules as lessons/takeovers.py.
 */

export const HUMAN = "human";
/** A captioner who has sent nothing for this long supersedes nothing. */
const SILENCE_MS = 30_000;

/**
 * @typedef {{participantId: string, name: string, startMs: number, endMs: number | null}} Takeover
 * @typedef {{takeovers: Takeover[], typedMs: number[]}} Captioning part of a lesson's record
 */

/** @param {Captioning} record @returns {Takeover | null} who captions by hand now */
export function captionerOf({ takeovers }) {
  const last = takeovers.at(-1);
  return last && last.endMs === null ? last : null;
}

/** @param {Captioning} record @param {number} atMs */
export function endTakeover(record, atMs) {
  const held = captionerOf(record);
  if (held) record.takeovers = [...record.takeovers.slice(0, -1), { ...held, endMs: atMs }];
}

/** @param {Captioning} record @param {Takeover} takeover */
export function beginTakeover(record, takeover) {
  endTakeover(record, takeover.startMs);
  record.takeovers = [...record.takeovers, takeover];
  noteTyped(record, takeover.startMs);
}

/** @param {Captioning} record @param {number} atMs when the captioner sent something */
export function noteTyped(record, atMs) {
  record.typedMs = [...record.typedMs, atMs].sort((one, other) => one - other);
}

/** @param {Captioning} record @param {string} engine @param {number} startMs of its caption */
export function isSuperseded(record, engine, startMs) {
  const holds = ({ startMs: from, endMs }) => from <= startMs && (endMs === null || startMs < endMs);
  if (engine === HUMAN || !record.takeovers.some(holds)) return false;
  const last = record.typedMs.findLast((at) => at <= startMs);
  return last !== undefined && startMs - last <= SILENCE_MS;
}
