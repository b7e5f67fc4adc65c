/**
 * Tracks whose final captions come later than the declared bound, from when they do until they are in
 * time again. Pure: events alone tell, so a page that is reloaded says the same.
 */

/** A track tells of what became late within half a minute; the rest is for its way here. */
const TOLD_WITHIN_MS = 35_000;

/**
 * @typedef {{trackId: string, participantId: string, captionId: string, sinceMs: number,
 *   toldMs: number, waitedMs: number, boundMs: number, cause: string, arrived: boolean}} Delay
 *   captionId: the latest one that is late; arrived: its final is there by now
 * @typedef {{delays: Map<string, Delay>}} Delayed part of a lesson's record
 */

/** @param {Delayed} record @param {any} event a `caption.delayed` */
export function noteDelay(record, { lessontimems, data }) {
  record.delays.set(data.track_id, {
    trackId: data.track_id,
    participantId: data.participant_id,
    captionId: data.caption_id,
    sinceMs: record.delays.get(data.track_id)?.sinceMs ?? lessontimems,
    toldMs: lessontimems,
    waitedMs: data.waited_ms,
    boundMs: data.bound_ms,
    cause: data.cause,
    arrived: false,
  });
}

/**
 * A track's finals come in order: one in time means that nothing before it is missing. One that was
 * late only means that if no other is told of.
 * @param {Delayed} record @param {any} final data of a `caption.final`
 */
export function noteFinal(record, final) {
  const delay = record.delays.get(final.track_id);
  if (!delay || final.finalised_at_ms == null) return;
  const latencyMs = final.finalised_at_ms - final.speech_end_ms;
  if (latencyMs <= delay.boundMs) record.delays.delete(delay.trackId);
  else if (final.caption_id === delay.captionId) {
    record.delays.set(delay.trackId, { ...delay, arrived: true });
  }
}

/** @param {Delayed} record @param {number} nowMs as far as the lesson clock is known to be */
export function endDelays(record, nowMs) {
  for (const [id, { arrived, toldMs }] of record.delays) {
    if (arrived && nowMs - toldMs > TOLD_WITHIN_MS) record.delays.delete(id);
  }
}
