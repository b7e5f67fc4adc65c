/**
 * The lesson's live stream: server-sent events read with fetch, because EventSource cannot send an
 * Authorization header. Resumes by itself from the last stored event it saw (Last-Event-ID).
 */

import { backoffMs, pause } from "./backoff.js";
import { ApiProblem, send } from "./http.js";

/** The server sends a heartbeat every 15 s; longer than this without a byte and the line is dead. */
const SILENCE_LIMIT_MS = 40_000;

/** @typedef {{id: string | null, event: string, data: string}} StreamMessage */

/** Splits a text/event-stream into messages (WHATWG HTML, 9.2.6). Feed it chunks as they come. */
export class EventStreamParser {
  #rest = "";
  #id = null;
  #event = "message";
  #data = [];

  /** @param {string} chunk @returns {StreamMessage[]} messages completed by this chunk */
  feed(chunk) {
    const text = this.#rest + chunk;
    // A trailing "\r" may be half of "\r\n": it waits for the next chunk.
    const lines = text.split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    return lines.map((line) => this.#line(line)).filter((message) => message !== null);
  }

  #line(line) {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return null;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "id") this.#id = value;
    else if (field === "event") this.#event = value;
    else if (field === "data") this.#data.push(value);
    return null;
  }

  #dispatch() {
    const message = { id: this.#id, event: this.#event, data: this.#data.join("\n") };
    const complete = this.#data.length > 0;
    this.#id = null;
    this.#event = "message";
    this.#data = [];
    return complete ? message : null;
  }
}

/**
 * Reads one connection to its end.
 * @param {Response} response @param {(message: StreamMessage) => void} onMessage
 * @param {() => void} onBytes called for every chunk, heartbeats included
 */
async function readConnection(response, onMessage, onBytes) {
  const parser = new EventStreamParser();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    onBytes();
    parser.feed(value).forEach(onMessage);
  }
}

/**
 * Follows a lesson until `signal` aborts, reconnecting as often as it takes.
 * @param {string} path the events path of the lesson
 * @param {{after: number, signal: AbortSignal, onMessage: (message: StreamMessage) => void,
 *          onState: (state: "open" | "waiting") => void}} options
 * @throws {ApiProblem} when the server refuses for good (401, 403, 404)
 */
export async function followStream(path, { after, signal, onMessage, onState }) {
  let lastId = String(after);
  let attempt = 0;
  const take = (message) => {
    if (message.id !== null) lastId = message.id;
    onMessage(message);
  };
  while (!signal.aborted) {
    try {
      await connectOnce(path, lastId, signal, take, () => {
        attempt = 0;
        onState("open");
      });
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ApiProblem && [401, 403, 404].includes(error.status)) throw error;
    }
    if (signal.aborted) return;
    onState("waiting");
    await pause(backoffMs(attempt++), signal);
  }
}

async function connectOnce(path, lastId, signal, onMessage, onOpen) {
  const silence = new AbortController();
  const headers = { accept: "text/event-stream", "last-event-id": lastId };
  let timer = setTimeout(() => silence.abort(), SILENCE_LIMIT_MS);
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), SILENCE_LIMIT_MS);
  };
  try {
    const either = AbortSignal.any([signal, silence.signal]);
    const response = await send("GET", `${path}?after=${lastId}`, { headers, signal: either });
    onOpen();
    await readConnection(response, onMessage, heard);
  } finally {
    clearTimeout(timer);
  }
}
