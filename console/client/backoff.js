/** Waiting between attempts: doubling, with jitter so that many clients do not return at once. */

const FIRST_MS = 500;
const LONGEST_MS = 10_000;

/**
 * @param {number} attempt 0 for the first retry
 * @param {number | null} [askedMs] what the server asked for in Retry-After; never less is waited
 * @returns {number} milliseconds
 */
export function backoffMs(attempt, askedMs = null) {
  const doubled = Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);
  const jittered = doubled * (0.75 + Math.random() / 2);
  return Math.max(jittered, askedMs ?? 0);
}

/**
 * @param {number} milliseconds
 * @param {AbortSignal} [signal] ends the wait early, without an error
 * @returns {Promise<void>}
 */
export function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener("abort", done, { once: true });
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
  });
}
