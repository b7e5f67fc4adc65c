/** How the captions serve who relies on them: the lesson's accessibility record, live and after. */

import { getAccessibility } from "../client/captions_api.js";
import { clock, counted } from "../record/words.js";
import { element, renderWhenChanged } from "./element.js";
import { latencyBar, minuteChart } from "./latency_chart.js";
import { failureNotice } from "./notices.js";

/** Every reading is an entry in the disclosure log and reads all finals, so it is not read often. */
const REFRESH_MS = 20_000;
/** Fewer minutes than this make no line. */
const FEWEST_MINUTES = 2;

const percent = (share) => `${Math.round(share * 100)}\u00a0%`;

/** @param {string} lessonId @param {AbortSignal} signal */
export function createAccessibilityPanel(lessonId, signal) {
  const node = element(
    "div",
    { class: "accessibility" },
    element("p", { class: "help" }, "Reading…"),
  );
  let live = false;
  let reading = false;

  async function refresh() {
    if (reading || document.visibilityState === "hidden") return;
    reading = true;
    try {
      const record = await getAccessibility(lessonId);
      if (!signal.aborted) renderWhenChanged(node, { ...record, until_ms: 0 }, () => content(record));
    } catch (error) {
      if (!signal.aborted) node.replaceChildren(failureNotice(error, refresh));
    } finally {
      reading = false;
    }
  }

  const timer = setInterval(() => live && refresh(), REFRESH_MS);
  signal.addEventListener("abort", () => clearInterval(timer));

  return {
    node,
    refresh,
    /** @param {string} status of the lesson; its end is a reason to read once more */
    setStatus(status) {
      if (live && status === "ended") refresh();
      live = status === "live";
    },
  };
}

function content(record) {
  const { targets } = record;
  if (record.speech_end_to_final.count + record.word_to_publish.count + record.typed_captions === 0) {
    return [element("p", { class: "help" }, "Once somebody was captioned live, it is shown here.")];
  }
  // What pages report is the whole way; until one has, what the makers of captions measured.
  const seen = record.word_to_screen.count > 0;
  return [
    latencyBar("Speech ends → final", record.speech_end_to_final, targets.speech_end_to_final_ms),
    seen
      ? latencyBar("Word → screen", record.word_to_screen, targets.word_to_screen_ms)
      : latencyBar("Word → published", record.word_to_publish, targets.word_to_screen_ms),
    record.minutes.length >= FEWEST_MINUTES &&
      minuteChart(record.minutes, targets.speech_end_to_final_ms),
    element("dl", { class: "figures" }, ...figures(record).flatMap(figure)),
    details(record),
  ].filter(Boolean);
}

const figure = ([name, value, title]) => [
  element("dt", { title }, name),
  element("dd", {}, value),
];

function figures(record) {
  const { flicker, reading_rate: rate, sampled_accuracy: sample } = record;
  const outside = record.time_outside_ms === 0 ? "never" : clock(record.time_outside_ms);
  const rows = [["Outside a target", outside, "Spans of at least half a minute"]];
  if (flicker.normalised_erasure !== null) {
    const text = `${percent(flicker.normalised_erasure)} of words`;
    rows.push(["Flicker", text, "Words shown and then changed, over words of the finals"]);
  }
  if (rate.words_per_minute_p50 !== null) {
    const text = `${Math.round(rate.words_per_minute_p50)} words/min, ${Math.round(rate.characters_per_second_p50)} characters/s`;
    rows.push(["Reading rate", text, "Median over cues; school captions are edited to 130 words/min"]);
  }
  if (sample.word_error_rate !== null) {
    const text = `${percent(sample.word_error_rate)} of ${counted(sample.words, "word")} wrong`;
    rows.push([`In ${counted(sample.corrected_captions, "corrected caption")}`, text, sample.note]);
  }
  if (record.typed_captions > 0) rows.push(["Typed by hand", counted(record.typed_captions, "caption"), null]);
  return rows;
}

/** What is looked at more rarely. */
function details(record) {
  const { sampled_accuracy: sample, reading_rate: rate } = record;
  const speakers = record.confidence.filter((one) => one.mean !== null);
  return element(
    "details",
    { class: "accessibility-more" },
    element("summary", {}, "By speaker, and how it is measured"),
    speakers.length > 0 &&
      element(
        "ul",
        { class: "confidences" },
        ...speakers.map((one) =>
          element("li", {}, `${one.name}: the engine is ${percent(one.mean)} sure, over ${counted(one.words, "word")}`),
        ),
      ),
    rate.share_above_20_cps !== null &&
      element("p", { class: "help" }, `${percent(rate.share_above_20_cps)} of cues pass faster than 20 characters a second, which adults are expected to read; ${percent(rate.share_above_17_cps)} faster than 17, which children are.`),
    record.screen_reports > 0 &&
      element("p", { class: "help" }, `Word → screen comes from ${counted(record.screen_reports, "report")} of viewers' pages, whose clocks may be off by ${record.clock_uncertainty_ms} ms.`),
    sample.word_error_rate !== null && element("p", { class: "help" }, sample.note),
  );
}
