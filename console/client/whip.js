/**
 * A WHIP client (RFC 9725): one POST publishes, the Location it answers with is the publication.
 * Candidates found after the POST are trickled by PATCH (RFC 8840 fragments); DELETE takes it down.
 */

import { ApiProblem, send } from "./http.js";
import { gathered, iceServersOf, preferVp8 } from "./webrtc.js";

/**
 * An application/trickle-ice-sdpfrag body for one candidate, or for the end of them.
 * @param {string} offer @param {RTCIceCandidate | null} candidate
 */
export function candidateFragment(offer, candidate) {
  const line = (name) => new RegExp(`^a=${name}:.*$`, "m").exec(offer)?.[0].trim();
  const kind = /^m=(audio|video) /m.exec(offer)?.[1] ?? "audio";
  const found = candidate?.candidate ? `a=${candidate.candidate}` : "a=end-of-candidates";
  const mid = `a=mid:${candidate?.sdpMid ?? "0"}`;
  const media = `m=${kind} 9 UDP/TLS/RTP/SAVPF 0`;
  return [line("ice-ufrag"), line("ice-pwd"), media, mid, found, ""].join("\r\n");
}

/** One publication: media flowing to one ingest worker. */
export class Publication {
  /** @param {RTCPeerConnection} connection @param {string} token */
  constructor(connection, token) {
    this.connection = connection;
    this.location = /** @type {string | null} */ (null);
    this.token = token;
    this.trickles = true;
  }

  /**
   * @param {string} endpoint @param {MediaStream} stream @param {string} token participant token
   * @returns {Promise<Publication>} once the answer is in; the media connects after that
   * @throws {ApiProblem}
   */
  static async publish(endpoint, stream, token) {
    const connection = new RTCPeerConnection({ iceServers: [] });
    try {
      const publication = new Publication(connection, token);
      await publication.#offer(endpoint, stream);
      return publication;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  async #offer(endpoint, stream) {
    const { connection } = this;
    for (const track of stream.getTracks()) {
      const transceiver = connection.addTransceiver(track, {
        direction: "sendonly",
        streams: [stream],
      });
      if (track.kind === "video") preferVp8(transceiver);
    }
    await connection.setLocalDescription();
    await gathered(connection);
    connection.addEventListener("icecandidate", (found) => this.#trickle(found.candidate));
    const headers = { "content-type": "application/sdp" };
    const body = connection.localDescription.sdp;
    const response = await send("POST", endpoint, { body, headers, token: this.token });
    this.location = new URL(response.headers.get("location"), response.url).href;
    const iceServers = iceServersOf(response.headers.get("link"));
    if (iceServers.length > 0) connection.setConfiguration({ iceServers });
    await connection.setRemoteDescription({ type: "answer", sdp: await response.text() });
  }

  async #trickle(candidate) {
    if (!this.location || !this.trickles) return;
    const body = candidateFragment(this.connection.localDescription.sdp, candidate);
    const headers = { "content-type": "application/trickle-ice-sdpfrag" };
    try {
      await send("PATCH", this.location, { body, headers, token: this.token });
    } catch (error) {
      // The offer already carried candidates: a server without trickle still connects.
      if (error instanceof ApiProblem) this.trickles = false;
      else throw error;
    }
  }

  /** Tells the server, which finalises the last words, then stops sending. */
  async end() {
    try {
      if (this.location) await takeDown(this.location, this.token);
    } finally {
      this.connection.close();
    }
  }

  /** Lets go of a publication that is broken; its worker may be dead, so no answer is awaited. */
  abandon() {
    this.connection.close();
    this.endWithPage();
  }

  /** The request outlives the page that goes away. */
  endWithPage() {
    if (this.location) takeDown(this.location, this.token, true).catch(() => {});
  }
}

/**
 * DELETEs a publication; one that is already gone is as good as deleted.
 * @param {string} location @param {string} token @param {boolean} [keepalive]
 */
export async function takeDown(location, token, keepalive = false) {
  try {
    await send("DELETE", location, { token, keepalive });
  } catch (error) {
    if (!(error instanceof ApiProblem && [404, 410].includes(error.status))) throw error;
  }
}
