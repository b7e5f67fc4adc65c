/** The user's microphone and camera: asked for once, refused in plain words, measured for a meter. */

const AUDIO = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const VIDEO = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 15 } };

const REFUSALS = {
  NotAllowedError:
    "The browser was not allowed to use the microphone. Allow it in the address bar's site settings, then join again.",
  NotFoundError: "No microphone was found. Plug one in, then join again.",
  NotReadableError: "The microphone is in use by another program. Close it there, then join again.",
  OverconstrainedError: "The microphone or camera cannot do what was asked of it.",
};

/** The microphone could not be had, and why, for the person at the screen. */
export class MediaRefused extends Error {}

/**
 * @param {{camera: boolean}} wanted
 * @returns {Promise<{stream: MediaStream, note: string | null}>} note: what is missing, if anything
 * @throws {MediaRefused}
 */
export async function openMedia({ camera }) {
  if (!navigator.mediaDevices) {
    throw new MediaRefused(
      "Browsers give the microphone only to pages on https or on localhost. Open the console there.",
    );
  }
  try {
    const video = camera ? VIDEO : false;
    return {
      stream: await navigator.mediaDevices.getUserMedia({ audio: AUDIO, video }),
      note: null,
    };
  } catch (error) {
    if (!camera || !(error instanceof DOMException)) throw refusal(error);
    return withoutCamera();
  }
}

async function withoutCamera() {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: AUDIO });
    return { stream, note: "The camera cannot be used; you are in with the microphone alone." };
  } catch (error) {
    throw refusal(error);
  }
}

function refusal(error) {
  return new MediaRefused(
    REFUSALS[error.name] ?? `The microphone could not be opened: ${error.message}`,
  );
}

/** @param {MediaStream} stream */
export const closeMedia = (stream) => stream.getTracks().forEach((track) => track.stop());

/** Loudness of a stream in 0..1 on a decibel scale: -60 dBFS is 0, full scale is 1. */
export class LevelMeter {
  #context = new AudioContext();
  #analyser = this.#context.createAnalyser();
  #samples = new Float32Array(1024);

  /** @param {MediaStream} stream */
  constructor(stream) {
    this.#analyser.fftSize = this.#samples.length;
    this.#context.createMediaStreamSource(stream).connect(this.#analyser);
  }

  /** @returns {number} */
  read() {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const power = this.#samples.reduce((sum, sample) => sum + sample * sample, 0);
    const decibels = 10 * Math.log10(power / this.#samples.length + 1e-12);
    return Math.min(1, Math.max(0, (decibels + 60) / 60));
  }

  close() {
    return this.#context.close();
  }
}
