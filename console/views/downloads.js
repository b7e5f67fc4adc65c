/** Captions and events as files. A link cannot carry the key, so they are fetched, then saved. */

import { downloadCaptions } from "../client/api.js";
import { element } from "./element.js";
import { runFromButton } from "./notices.js";

const CAPTIONS = { vtt: "WebVTT", srt: "SubRip", txt: "Plain text", json: "JSON" };
/** Long enough for the browser to begin the download before the object is let go. */
const OBJECT_LIFETIME_MS = 10_000;

/** @param {Blob} blob @param {string} name of the file */
export function save(blob, name) {
  const address = URL.createObjectURL(blob);
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), OBJECT_LIFETIME_MS);
}

/**
 * @param {string} lessonId
 * @param {() => object[]} events the lesson's events as the page holds them
 */
export function createDownloads(lessonId, events) {
  const place = element("div");
  const item = (label, detail, make) => {
    const button = element(
      "button",
      {
        type: "button",
        class: "button",
        onclick: () => runFromButton(button, place, make),
      },
      label,
      element("span", { class: "download-detail" }, detail),
    );
    return element("li", {}, button);
  };
  const captions = Object.entries(CAPTIONS).map(([extension, label]) =>
    item(label, `.${extension}`, async () =>
      save(await downloadCaptions(lessonId, extension), `${lessonId}.${extension}`),
    ),
  );
  const allEvents = item("Events", ".json", async () => {
    const type = "application/cloudevents-batch+json";
    save(new Blob([JSON.stringify(events(), null, 2)], { type }), `${lessonId}-events.json`);
  });
  return element("div", {}, element("ul", { class: "downloads" }, ...captions, allEvents), place);
}
