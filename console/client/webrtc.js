/** What every publication over WebRTC needs, whoever makes it. */

/** Host candidates come within milliseconds; later ones are trickled or do without. */
const GATHERING_LIMIT_MS = 1_000;
/** A "disconnected" connection often comes back by itself within this time. */
export const RECOVERY_LIMIT_MS = 2_000;
/** Media that has not connected by then is published again. */
export const CONNECT_LIMIT_MS = 15_000;

/**
 * The STUN and TURN servers of a WHIP answer.
 * @param {string | null} header RFC 8288 Link header @returns {RTCIceServer[]}
 */
export function iceServersOf(header) {
  const links = (header ?? "").split(/,\s*(?=<)/).filter((link) => /rel="?ice-server"?/.test(link));
  return links.map((link) => {
    const parameter = (name) => new RegExp(`${name}="([^"]*)"`).exec(link)?.[1];
    const urls = /<([^>]+)>/.exec(link)?.[1] ?? "";
    return { urls, username: parameter("username"), credential: parameter("credential") };
  });
}

/** @param {RTCPeerConnection} connection @returns {Promise<void>} */
export function gathered(connection) {
  if (connection.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, GATHERING_LIMIT_MS);
    connection.addEventListener("icegatheringstatechange", () => {
      if (connection.iceGatheringState !== "complete") return;
      clearTimeout(timer);
      resolve();
    });
  });
}

/** VP8 first: every ingest worker decodes it. @param {RTCRtpTransceiver} transceiver */
export function preferVp8(transceiver) {
  const codecs = RTCRtpSender.getCapabilities("video")?.codecs ?? [];
  const isVp8 = (codec) => codec.mimeType === "video/VP8";
  transceiver.setCodecPreferences([
    ...codecs.filter(isVp8),
    ...codecs.filter((codec) => !isVp8(codec)),
  ]);
}
