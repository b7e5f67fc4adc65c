/** One lesson: the board, the transcript, who is there, and everything one can do with it. */

import { getLesson, lessonPath } from "../client/api.js";
import { getCaller } from "../client/captions_api.js";
import { setPageTitle } from "../client/brand.js";
import { followLesson } from "../client/lesson_feed.js";
import { LessonNow } from "../client/lesson_now.js";
import { reportWhileLive } from "../client/lesson_time.js";
import { readIdentity } from "../client/session.js";
import { getSummaryProgress } from "../client/summary_api.js";
import { DisplayMeter } from "../record/display_meter.js";
import { emptyRecord, medianLatencyMs } from "../record/record.js";
import {
  mayCaption,
  mayReadSummary,
  mayReport,
  maySeeGroup,
  mayTeach,
  namer,
  ownLearners,
  ownTeaching,
} from "../record/standing.js";
import { isSuperseded } from "../record/takeovers.js";
import { clock, languageName, secondsOf } from "../record/words.js";
import { createAccessibilityPanel } from "./accessibility_panel.js";
import { createBoard } from "./board.js";
import { createCaptionAlarm } from "./caption_alarm.js";
import { displayControls } from "./display_controls.js";
import { createDownloads } from "./downloads.js";
import { element, renderWhenChanged, setText } from "./element.js";
import { createEngagementPanel } from "./engagement_panel.js";
import { createJoin } from "./join.js";
import { statusBadge } from "./lessons_page.js";
import { createLessonActions } from "./lesson_actions.js";
import { createLessonNotes } from "./lesson_notes.js";
import { failureNotice, loadingNotice } from "./notices.js";
import { createPeople } from "./people.js";
import { createRecording } from "./recording.js";
import { createSummaryState } from "./summary_state.js";
import { createTimeline } from "./timeline.js";
import { createTranscript } from "./transcript.js";

/** Partials come from an engine, whichever it is. */
const ENGINE = "";
const QUIET = {
  scheduled: "The lesson has not begun. It begins when someone joins.",
  live: "Captions appear here as people speak.",
  ended: "The lesson has ended. All that was said is in the transcript.",
};

/**
 * @param {HTMLElement} root @param {string} lessonId
 * @param {boolean} moveFocus to the heading, once the lesson is there
 * @param {number | string} cited what to open: an event by its sequence, or a caption or an event
 *   by its id; 0 for nothing
 * @returns {() => void} leaves the page
 */
export function openLessonPage(root, lessonId, moveFocus, cited = 0) {
  const leaving = new AbortController();
  let page = null;
  root.replaceChildren(loadingNotice("Opening the lesson…"));
  const open = async () => {
    try {
      const lesson = await getLesson(lessonId);
      if (leaving.signal.aborted) return;
      page = new LessonPage(root, lesson, leaving.signal);
      if (moveFocus) root.querySelector("h1").focus({ preventScroll: true });
      await page.follow(cited);
    } catch (error) {
      if (leaving.signal.aborted) return;
      page?.close();
      root.replaceChildren(failureNotice(error, open));
    }
  };
  open();
  return () => {
    leaving.abort();
    page?.close();
  };
}

class LessonPage {
  constructor(root, lesson, signal) {
    this.lesson = lesson;
    this.signal = signal;
    this.record = { ...emptyRecord(), status: lesson.status };
    const nameOf = namer(() => this.lesson.participants ?? []);
    this.meter = new DisplayMeter();
    this.board = createBoard((words, at) =>
      this.meter.painted(
        words.map((word) => ({ id: word.captionId, index: word.index })),
        at,
      ),
    );
    this.transcript = createTranscript(lesson.id, nameOf);
    this.alarm = createCaptionAlarm(lesson.id, nameOf);
    this.accessibility = createAccessibilityPanel(lesson.id, signal);
    this.now = new LessonNow();
    this.engagement = createEngagementPanel(lesson.id, nameOf, this.now, signal);
    this.notes = createLessonNotes(lesson.id, nameOf, (id) => this.#reveal(id));
    this.summary = createSummaryState(lesson.id, signal);
    this.inferred = element("span", { class: "lesson-inferred" });
    this.people = createPeople();
    this.timeline = createTimeline(`${lessonPath(lesson.id)}/events`);
    this.recording = createRecording(lesson.id);
    this.join = createJoin(lesson.id, { onPeopleChanged: () => this.refreshLesson() });
    this.status = element("span", { class: "lesson-status" });
    this.latency = element("p", { class: "latency" });
    this.connection = element("p", { class: "connection", role: "status" });
    this.problems = element("div");
    this.actions = createLessonActions(lesson, this.problems);
    setPageTitle(lesson.title);
    root.replaceChildren(
      this.#head(),
      this.problems,
      this.summary.node,
      this.#layout(),
      this.timeline.node,
    );
    this.ticking = setInterval(() => this.#showStatus(), 1_000);
    this.#draw();
  }

  #head() {
    const { title, language, vocabulary } = this.lesson;
    return element(
      "div",
      { class: "page-head lesson-head" },
      element(
        "div",
        {},
        element("h1", { tabindex: "-1" }, title),
        element(
          "p",
          { class: "lesson-facts" },
          this.status,
          element("span", {}, languageName(language)),
          vocabulary.length > 0 &&
            element(
              "span",
              { class: "lesson-words", title: vocabulary.join(", ") },
              `Words: ${vocabulary.join(", ")}`,
            ),
          this.inferred,
        ),
      ),
      this.actions.node,
    );
  }

  #layout() {
    const captions = element("section", { class: "captions", "aria-label": "Captions" });
    captions.append(
      element(
        "div",
        { class: "captions-bar" },
        element("h2", {}, "Live captions"),
        this.connection,
        displayControls(captions),
      ),
      this.alarm.node,
      this.board.node,
      this.engagement.node,
      this.notes.node,
      element(
        "div",
        { class: "captions-bar" },
        element("h2", { id: "transcript-title" }, "Transcript"),
        this.latency,
      ),
      this.transcript.node,
    );
    const recording = element(
      "details",
      { class: "panel panel-fold" },
      element("summary", {}, element("h2", {}, "Use a recording")),
      this.recording.node,
    );
    this.recordingPanel = recording;
    this.joinPanel = panel("Take part", this.join.node);
    const side = element(
      "div",
      { class: "lesson-side" },
      this.joinPanel,
      panel("People", this.people.node),
      panel("How the captions serve", this.accessibility.node),
      panel(
        "Downloads",
        createDownloads(this.lesson.id, () => this.record.events),
      ),
      recording,
    );
    return element("div", { class: "lesson-layout" }, captions, side);
  }

  /** @param {number | string} cited what to open once it is read; 0 for nothing */
  async follow(cited) {
    this.#learnStanding();
    await followLesson(this.lesson.id, this.signal, {
      onRecord: (record, fresh) => this.#onRecord(record, fresh),
      onCaughtUp: () => {
        this.transcript.goLive();
        this.notes.goLive();
        this.join.resume();
        this.accessibility.refresh();
        this.caughtUp = true;
        this.#beginReporting();
        if (cited) this.#reveal(cited);
      },
      onPartial: (partial) => this.#onPartial(partial),
      onRecording: (progress) => this.recording.update(progress),
      onState: (state) =>
        setText(this.connection, state === "open" ? "" : "Reconnecting to the lesson…"),
    });
  }

  /** Opens what was cited, or says that it is not to be seen here. */
  #reveal(cited) {
    if (this.transcript.reveal(cited) || this.timeline.reveal(cited)) return;
    const words = "What was to be shown is not in the part of the record that you may read.";
    this.problems.replaceChildren(element("p", { class: "notice", role: "status" }, words));
  }

  /** What the user may do with the captions; who cannot be told it may read them, and no more. */
  async #learnStanding() {
    const caller = await getCaller().catch(() => null);
    if (caller === null || this.signal.aborted) return;
    const may = mayCaption(caller, this.lesson);
    this.transcript.allowCorrecting(may);
    this.alarm.allowHandingOver(may);
    this.mayReport = mayReport(caller);
    this.caller = caller;
    this.teaches = mayTeach(caller, this.lesson);
    this.#showEngagement(this.teaches);
    this.#showNotes();
    this.#beginReporting();
    this.#draw();
  }

  /** @param {boolean} teaches whether the user sees what is inferred about the learners */
  #showEngagement(teaches) {
    this.engagement.allow(teaches);
    // Until the server's clock is known, the newest signal says how late it is.
    if (teaches) this.now.learn(this.lesson.id).catch(() => {});
  }

  /** Until it is known who reads, nothing is asked for that may be refused. */
  get #readsSummaries() {
    return Boolean(this.caller) && mayReadSummary(this.caller);
  }

  /** Notes for whoever teaches; before the end it takes a question to know that there are none. */
  #showNotes() {
    this.notes.allow(this.teaches);
    if (!this.teaches || !this.#readsSummaries || this.record.status === "ended") return;
    getSummaryProgress(this.lesson.id).then(
      ({ state }) => state === "switched_off" && this.notes.switchOff(),
      () => {},
    );
  }

  /** @returns {string[]} ids of the places from which the reader teaches */
  #own() {
    const { caller, lesson, teaches } = this;
    return teaches ? ownTeaching(caller, lesson, readIdentity(lesson.id)) : [];
  }

  /** The way to what is inferred: a learner's about themself, an observer's about the group. */
  #showInferred() {
    const { lesson, caller } = this;
    if (!caller) return;
    const identity = readIdentity(lesson.id);
    const isLearner = ownLearners(caller, lesson).length > 0 || identity?.role === "learner";
    const watches = maySeeGroup(caller, lesson) && !mayTeach(caller, lesson);
    const link = (page, words) => element("a", { href: `#/lessons/${lesson.id}/${page}` }, words);
    renderWhenChanged(this.inferred, [isLearner, watches], () =>
      [
        isLearner && link("about-me", "What is inferred about me"),
        watches && link("group", "The group"),
      ].filter(Boolean),
    );
  }

  /** Only what was painted while the lesson was live says how late it was. */
  #beginReporting() {
    if (this.reporting || !this.caughtUp || !this.mayReport || this.record.status !== "live") return;
    this.reporting = true;
    const backAgain = () => document.visibilityState === "visible" && this.meter.clear();
    document.addEventListener("visibilitychange", backAgain, { signal: this.signal });
    reportWhileLive(this.lesson.id, this.meter, this.signal);
  }

  #onPartial(partial) {
    if (isSuperseded(this.record, ENGINE, partial.start_ms)) return;
    const words = `${partial.stable_text} ${partial.unstable_text}`.split(/\s+/).filter(Boolean);
    this.meter.revise(partial.caption_id, words);
    this.board.showPartial(boardCaption(partial));
  }

  #onFinal({ data }) {
    const caption = this.record.captions.get(data.caption_id);
    if (isSuperseded(this.record, caption.engine, caption.startMs)) return;
    if (data.finalised_at_ms != null) {
      const words = data.text.split(/\s+/).filter(Boolean);
      const ends = data.words.map((word) => word.end_ms);
      this.meter.finish(data.caption_id, words, ends, performance.now());
    }
    this.board.showFinal(caption);
  }

  #onRecord(record, fresh) {
    this.record = record;
    for (const event of fresh) {
      if (event.type === "caption.final") this.#onFinal(event);
      if (event.type.startsWith("captions.target_")) this.accessibility.refresh();
      if (event.type === "lesson.started") this.#beginReporting();
    }
    this.summary.hear(fresh);
    this.#draw();
  }

  async refreshLesson() {
    this.lesson = await getLesson(this.lesson.id);
    this.#draw();
  }

  #draw() {
    const { record } = this;
    const expected = this.lesson.participants ?? [];
    this.transcript.update(record);
    this.alarm.update(record);
    this.engagement.update(record, expected);
    this.notes.update(record, this.#own());
    if (this.#readsSummaries) this.summary.update(record.status, this.teaches === true);
    this.#showInferred();
    this.accessibility.setStatus(record.status);
    this.people.update(record, expected);
    this.recording.setPeople(expected);
    this.timeline.update(record, expected);
    this.join.update(record, expected);
    this.board.setQuiet(QUIET[record.status]);
    this.joinPanel.hidden = record.status === "ended";
    this.recordingPanel.hidden = record.status === "ended" && !this.recordingPanel.open;
    const median = medianLatencyMs(record);
    setText(
      this.latency,
      median === null ? "" : `Finals come ${secondsOf(median)} after speech (median)`,
    );
    this.actions.update(record.status, this.teaches === true);
    this.#showStatus();
  }

  #showStatus() {
    const { status, startedAt, endedAt } = this.record;
    const end = endedAt ? Date.parse(endedAt) : Date.now();
    const elapsed = startedAt ? clock(end - Date.parse(startedAt)) : "";
    renderWhenChanged(this.status, [status, elapsed], () => [
      statusBadge(status),
      element("span", { class: "elapsed" }, elapsed),
    ]);
  }

  close() {
    clearInterval(this.ticking);
    this.board.close();
    this.join.close();
  }
}

const boardCaption = (partial) => ({
  captionId: partial.caption_id,
  trackId: partial.track_id,
  participantId: partial.participant_id,
  name: partial.participant_name,
  role: partial.role,
  stableText: partial.stable_text,
  unstableText: partial.unstable_text,
});

const panel = (title, content) =>
  element("section", { class: "panel" }, element("h2", {}, title), content);
