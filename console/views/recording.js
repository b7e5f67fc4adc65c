/** A recording instead of a live lesson: files go up, progress comes down the lesson's stream. */

import { uploadRecording } from "../client/api.js";
import { element, setText } from "./element.js";
import { runFromButton } from "./notices.js";

const STAGES = { queued: "Waiting for a worker", processing: "Captioning", done: "Captioned", failed: "Failed" };

const bareName = (file) => file.name.replace(/\.[^.]+$/, "").replace(/[_-]+/g, " ");

function speakerField(file, index) {
  const id = `speaker-${index}`;
  return element(
    "li",
    { class: "recording-file" },
    element("label", { for: id }, element("span", { class: "recording-name" }, file.name), " is spoken by"),
    element("input", { id, value: bareName(file), required: true, maxlength: "100" }),
  );
}

/** @param {string} lessonId */
export function createRecording(lessonId) {
  const files = element("input", { id: "recordings", type: "file", multiple: true, required: true, accept: "audio/*,video/*,.mkv,.opus" });
  const speakers = element("ul", { class: "recording-files" });
  const place = element("div");
  const bar = element("progress", { max: "1", value: "0", "aria-label": "Recording" });
  const stage = element("p", { class: "recording-stage", role: "status" });
  const progress = element("div", { class: "recording-progress", hidden: true }, bar, stage);
  const submit = element("button", { class: "button" }, "Caption it");
  files.addEventListener("change", () => speakers.replaceChildren(...[...files.files].map(speakerField)));

  function show(fraction, text) {
    progress.hidden = false;
    bar.value = fraction;
    setText(stage, text);
  }

  async function upload() {
    const parts = [...files.files].map((file, index) => ({
      file,
      speaker: speakers.querySelector(`#speaker-${index}`).value.trim(),
    }));
    const sent = (part) => show(part, `Uploading, ${Math.round(part * 100)} %`);
    update(await uploadRecording(lessonId, parts, sent));
  }

  /** @param {{status: string, progress: number, error?: string | null}} recording */
  function update(recording) {
    const percent = Math.round(recording.progress * 100);
    const text = STAGES[recording.status] ?? recording.status;
    const detail = recording.status === "failed" ? (recording.error ?? "") : `${percent} %`;
    show(recording.progress, `${text}, ${detail}`);
  }

  const form = element(
    "form",
    {
      class: "recording",
      onsubmit: (event) => {
        event.preventDefault();
        runFromButton(submit, place, upload);
      },
    },
    element("label", { for: "recordings" }, "Audio or video files, one per speaker"),
    files,
    speakers,
    submit,
    progress,
    place,
  );
  return { node: form, update };
}
