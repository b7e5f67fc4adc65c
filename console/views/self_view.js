/** What the user sends, while they are in: picture, loudness, and the buttons. */

import { LevelMeter } from "../client/media.js";
import { element, icon, setText } from "./element.js";

const METER_MS = 80;

/** The preview, the meter and the buttons while the user is in. */
export function createSelf(publishing, onHand) {
  const preview = element("video", {
    class: "preview",
    muted: true,
    playsinline: true,
    autoplay: true,
    "aria-label": "Your camera",
  });
  preview.muted = true;
  const bar = element("span", { class: "level-bar" });
  const level = element(
    "div",
    {
      class: "level",
      role: "meter",
      "aria-label": "Microphone level",
      "aria-valuemin": "0",
      "aria-valuemax": "100",
      "aria-valuenow": "0",
    },
    bar,
  );
  const press = (label, glyph, onclick) =>
    element(
      "button",
      { type: "button", class: "button", "aria-pressed": "false", onclick },
      icon(glyph),
      element("span", {}, label),
    );
  const mute = press("Mute", "microphone", () => publishing.setMuted(!publishing.muted));
  const hand = press("Raise hand", "hand", onHand);
  const leave = element(
    "button",
    { type: "button", class: "button button-danger", onclick: () => publishing.leave() },
    "Leave",
  );
  const node = element(
    "div",
    { class: "self" },
    preview,
    level,
    element("div", { class: "self-buttons" }, mute, hand, leave),
  );
  let meter = null;
  let timer = 0;

  function startMeter(stream) {
    meter = new LevelMeter(stream);
    timer = setInterval(() => {
      const loudness = publishing.muted ? 0 : meter.read();
      bar.style.setProperty("inline-size", `${Math.round(loudness * 100)}%`);
      level.setAttribute("aria-valuenow", String(Math.round(loudness * 100)));
    }, METER_MS);
  }

  function stopMeter() {
    clearInterval(timer);
    meter?.close();
    meter = null;
  }

  function update() {
    const { stream, muted } = publishing;
    if (preview.srcObject !== stream) {
      stopMeter();
      preview.srcObject = stream;
      preview.hidden = !stream || stream.getVideoTracks().length === 0;
      if (stream) startMeter(stream);
    }
    mute.setAttribute("aria-pressed", String(muted));
    setText(mute.lastChild, muted ? "Unmute" : "Mute");
    mute.replaceChild(icon(muted ? "microphone-off" : "microphone"), mute.firstChild);
  }

  return { node, update, hand, close: stopMeter };
}
