/** A recording instead of a live lesson: files go up, progress comes down the lesson's stream. */

import { addParticipant, uploadRecording } from "../client/api.js";
import { element, setText } from "./element.js";
import { roleSelect } from "./new_lesson.js";
import { runFromButton } from "./notices.js";

const STAGES = {
  queued: "Waiting for a worker",
  processing: "Captioning",
  done: "Captioned",
  failed: "Failed",
};

const bareName = (file) => file.name.replace(/\.[^.]+$/, "").replace(/[_-]+/g, " ");

/** Who speaks in a file: someone of the lesson by name, or someone new with a role. */
function speakerField(file, index) {
  const id = `speaker-${index}`;
  const name = element("input", {
    id,
    list: "recording-people",
    value: bareName(file),
    required: true,
    maxlength: "100",
  });
  const role = roleSelect(`${id}-role`);
  role.setAttribute("aria-label", `Role of who speaks in ${file.name}`);
  const label = element(
    "label",
    { for: id },
    element("span", { class: "recording-name" }, file.name),
    " is spoken by",
  );
  const node = element(
    "li",
    { class: "recording-file" },
    label,
    element("div", { class: "field-pair" }, name, role),
  );
  return { file, name, role, node };
}

/** @param {string} lessonId */
export function createRecording(lessonId) {
  const files = element("input", {
    id: "recordings",
    type: "file",
    multiple: true,
    required: true,
    accept: "audio/*,video/*,.mkv,.opus",
  });
  const speakers = element("ul", { class: "recording-files" });
  const known = element("datalist", { id: "recording-people" });
  let people = [];
  let fields = [];
  const place = element("div");
  const bar = element("progress", { max: "1", value: "0", "aria-label": "Recording" });
  const stage = element("p", { class: "recording-stage", role: "status" });
  const progress = element("div", { class: "recording-progress", hidden: true }, bar, stage);
  const submit = element("button", { class: "button" }, "Caption it");
  files.addEventListener("change", () => {
    fields = [...files.files].map(speakerField);
    speakers.replaceChildren(...fields.map((one) => one.node));
  });

  function show(fraction, text) {
    progress.hidden = false;
    bar.value = fraction;
    setText(stage, text);
  }

  async function participantOf({ name, role }) {
    const wanted = name.value.trim();
    const found = people.find((person) => person.name === wanted);
    return (found ?? (await addParticipant(lessonId, wanted, role.value))).id;
  }

  async function upload() {
    const parts = [];
    for (const one of fields) {
      parts.push({ file: one.file, participantId: await participantOf(one) });
    }
    const sent = (part) => show(part, `Uploading, ${Math.round(part * 100)} %`);
    update(await uploadRecording(lessonId, parts, sent));
  }

  /** @param {import("../client/api.js").Participant[]} list */
  function setPeople(list) {
    people = list;
    known.replaceChildren(...list.map((person) => element("option", { value: person.name })));
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
    known,
    submit,
    progress,
    place,
  );
  return { node: form, update, setPeople };
}
