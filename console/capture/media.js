/** Microphone and camera or screen in one WHIP publication (RFC 9725), kept up until it is ended. */

import { backoffMs, pause } from "../client/backoff.js";
import {
  CONNECT_LIMIT_MS,
  RECOVERY_LIMIT_MS,
  gathered,
  iceServersOf,
  preferVp8,
} from "../client/webrtc.js";
import { isPassing } from "./gateway.js";

/** The gateway has not noticed yet that this participant's former publication is gone. */
const isStillTaken = ({ status, problem }) =>
  status === 409 && problem?.field === "participant_id";

export class Media {
  state = /** @type {"out" | "connecting" | "live" | "reconnecting"} */ ("out");
  stream = /** @type {MediaStream | null} */ (null);
  screen = /** @type {MediaStreamTrack | null} */ (null);
  #connection = /** @type {RTCPeerConnection | null} */ (null);
  #location = "";

  /** @param {Gateway} gateway @param {string} path of the lesson @param {() => void} onChange */
  constructor(gateway, path, onChange) {
    Object.assign(this, { gateway, path, onChange });
  }

  #become(state) {
    this.state = state;
    this.onChange();
  }

  async publish(stream) {
    this.end();
    this.stream = stream;
    this.#become("connecting");
    await this.#publishUntilAnswered();
  }

  async #publishUntilAnswered() {
    const { stream } = this;
    for (let attempt = 0; stream && this.stream === stream; attempt += 1) {
      try {
        return await this.#publishOnce();
      } catch (error) {
        if (!isPassing(error) && !isStillTaken(error)) throw error;
        await pause(backoffMs(attempt, error.retryAfterMs));
      }
    }
  }

  async #publishOnce() {
    this.#connection?.close();
    const connection = new RTCPeerConnection({ iceServers: [] });
    this.#connection = connection;
    const video = this.screen ?? this.stream.getVideoTracks()[0];
    for (const track of [this.stream.getAudioTracks()[0], video].filter(Boolean)) {
      const transceiver = connection.addTransceiver(track, { direction: "sendonly" });
      if (track.kind === "video") preferVp8(transceiver);
    }
    await connection.setLocalDescription();
    await gathered(connection);
    const response = await this.gateway.send("POST", `${this.path}/whip`, {
      headers: { "content-type": "application/sdp" },
      body: connection.localDescription.sdp,
    });
    this.#location = response.headers.get("location");
    const iceServers = iceServersOf(response.headers.get("link"));
    if (iceServers.length > 0) connection.setConfiguration({ iceServers });
    this.#watch(connection);
    await connection.setRemoteDescription({ type: "answer", sdp: await response.text() });
    if (connection !== this.#connection) this.takeDown();
  }

  #watch(connection) {
    const lost = () => connection === this.#connection && this.#republish();
    let timer = setTimeout(lost, CONNECT_LIMIT_MS);
    connection.onconnectionstatechange = () => {
      clearTimeout(timer);
      const state = connection.connectionState;
      if (state === "connected") this.#become("live");
      else if (state === "failed") lost();
      else if (state === "disconnected") timer = setTimeout(lost, RECOVERY_LIMIT_MS);
    };
  }

  async #republish() {
    this.#become("reconnecting");
    this.takeDown();
    await this.#publishUntilAnswered().catch(() => this.end());
  }

  /** The screen takes the camera's place; where there is no camera, all is published anew. */
  async show(screen) {
    this.screen = screen;
    const camera = this.stream?.getVideoTracks()[0] ?? null;
    const sender = this.#connection?.getSenders().find((one) => one.track?.kind === "video");
    if (sender && (screen ?? camera)) await sender.replaceTrack(screen ?? camera);
    else if (this.stream) await this.#republish();
  }

  /** For a page that goes away as well: the request outlives it. */
  takeDown() {
    if (this.#location) this.gateway.sendLast("DELETE", this.#location);
    this.#location = "";
  }

  end() {
    for (const track of [...(this.stream?.getTracks() ?? []), this.screen]) track?.stop();
    this.takeDown();
    this.#connection?.close();
    this.stream = this.screen = this.#connection = null;
    this.#become("out");
  }
}
