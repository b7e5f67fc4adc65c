/** What is inferred about one learner, as they see it: all of it, why, and a way to contest it. */

import { getLesson, mintToken } from "../client/api.js";
import { setPageTitle } from "../client/brand.js";
import { getCaller } from "../client/captions_api.js";
import { contest } from "../client/engagement_api.js";
import { followLesson } from "../client/lesson_feed.js";
import { readIdentity } from "../client/session.js";
import { contestOf, newestSpan } from "../record/engagement.js";
import { contextWords, meaningOf, spanWords, stateWords, sureness } from "../record/engagement_words.js";
import { emptyRecord } from "../record/record.js";
import { ownLearners } from "../record/standing.js";
import { clock } from "../record/words.js";
import { element, icon, renderWhenChanged, setText } from "./element.js";
import { observationList, profileList, reasonsOf } from "./inference.js";
import { contestWords } from "./learner_tile.js";
import { failureNotice, loadingNotice, runFromButton } from "./notices.js";
import { emptyState, panel } from "./page.js";

/**
 * @param {HTMLElement} root @param {string} lessonId @param {boolean} moveFocus to the heading
 * @param {string | null} participantId null: the reader's own place in the lesson
 * @returns {() => void} leaves the page
 */
export function openInferredPage(root, lessonId, moveFocus, participantId) {
  const leaving = new AbortController();
  root.replaceChildren(loadingNotice("Reading what is inferred…"));
  const open = async () => {
    try {
      const [lesson, caller] = await Promise.all([getLesson(lessonId), getCaller()]);
      if (leaving.signal.aborted) return;
      const id = participantId ?? ownId(caller, lesson);
      const page = new InferredPage(root, lesson, id, tokenSource(caller, lesson, id));
      if (moveFocus) root.querySelector("h1").focus({ preventScroll: true });
      await page.follow(leaving.signal);
    } catch (error) {
      if (!leaving.signal.aborted) root.replaceChildren(failureNotice(error, open));
    }
  };
  open();
  return () => leaving.abort();
}

function ownId(caller, lesson) {
  const [own] = ownLearners(caller, lesson);
  const id = own ?? readIdentity(lesson.id)?.participantId;
  if (id) return id;
  throw new Error("You are no learner of this lesson, so nothing is inferred about you in it.");
}

/**
 * How the reader speaks as this learner: only the learner contests. With the platform's key that is
 * whoever joined in this tab; in the sample, where all learners are made up, everybody may try it.
 * @returns {(() => Promise<string | undefined>) | null} null: they read, and no more
 */
function tokenSource(caller, lesson, id) {
  if (caller.kind === "participant") return caller.id === id ? async () => undefined : null;
  const isOwn = ownLearners(caller, lesson).includes(id) || readIdentity(lesson.id)?.participantId === id;
  const mayTry = lesson.sample && caller.kind === "api_key";
  return isOwn || mayTry ? () => mintToken(lesson.id, id) : null;
}

class InferredPage {
  /** @type {Map<string, any>} entries by the first signal of their state */
  #entries = new Map();

  constructor(root, lesson, id, token) {
    Object.assign(this, { lesson, id, token });
    this.record = emptyRecord();
    this.now = element("div", { class: "inferred-now", role: "status" });
    this.profile = element("div");
    this.history = element("ol", { class: "inferred-history" });
    this.told = element("div");
    this.camera = panel("What the camera showed");
    this.camera.hidden = true;
    this.connection = element("p", { class: "connection", role: "status" });
    const name = lesson.participants?.find((one) => one.id === id)?.name;
    const heading = token || !name ? "What is inferred about me" : `What is inferred about ${name}`;
    setPageTitle(heading);
    root.replaceChildren(
      element(
        "div",
        { class: "page-head" },
        element(
          "div",
          {},
          element("h1", { tabindex: "-1" }, heading),
          element("p", { class: "lesson-facts" }, element("a", { href: `#/lessons/${lesson.id}` }, lesson.title)),
        ),
        this.connection,
      ),
      this.now,
      element(
        "div",
        { class: "progress-layout" },
        element("div", { class: "progress-main" }, panel("All of it, newest first", this.history)),
        element(
          "div",
          { class: "progress-side" },
          panel("In the last minutes", this.profile),
          panel("What those who teach were told", this.told),
          this.camera,
          panel("How it comes about", ...explanation()),
        ),
      ),
    );
    this.#draw();
  }

  /** @param {AbortSignal} signal */
  follow(signal) {
    return followLesson(this.lesson.id, signal, {
      onRecord: (record) => {
        this.record = record;
        this.#draw();
      },
      onCaughtUp: () => {},
      onPartial: () => {},
      onRecording: () => {},
      onState: (state) =>
        setText(this.connection, state === "open" ? "" : "Reconnecting to the lesson…"),
    });
  }

  #draw() {
    const { engagement } = this.record;
    const isWithdrawn = engagement.withdrawn.has(this.id);
    const newest = newestSpan(engagement, this.id);
    renderWhenChanged(this.now, [newest, isWithdrawn], () => nowNodes(newest, isWithdrawn));
    const profile = engagement.profiles.get(this.id) ?? null;
    renderWhenChanged(this.profile, [profile], () => profileNodes(profile));
    const nudges = [...engagement.nudges.values()].filter((one) => one.participantId === this.id);
    renderWhenChanged(this.told, nudges, () => toldNodes(nudges));
    const camera = engagement.camera.get(this.id) ?? null;
    this.camera.hidden = camera === null;
    renderWhenChanged(this.camera, camera, () => cameraNodes(camera));
    this.#drawHistory(engagement);
  }

  /** Entries are kept while their state goes on, so that a remark is not lost as it is written. */
  #drawHistory(engagement) {
    const spans = [...(engagement.spans.get(this.id) ?? [])].reverse();
    for (const span of spans) {
      const key = span.signalIds[0];
      if (!this.#entries.has(key)) this.#entries.set(key, this.#entry());
      this.#entries.get(key).update(span, contestOf(engagement, span), this.record.events);
    }
    const order = spans.map(({ signalIds: [first] }) => first);
    renderWhenChanged(this.history, order, () =>
      order.length === 0
        ? [element("li", {}, emptyState("Nothing so far.", "It appears here as soon as something is inferred."))]
        : order.map((key) => this.#entries.get(key).node),
    );
  }

  #entry() {
    const face = element("div", { class: "inferred-face" });
    const reasons = element("div", { class: "inferred-reasons" });
    const state = element("p", { class: "contest-note" });
    const place = element("div");
    const remark = element("input", { maxlength: "500", "aria-label": "A remark, if you like", placeholder: "A remark, if you like" });
    const send = element("button", { class: "button button-small" }, "This is wrong");
    let shown = null;
    const form = element(
      "form",
      {
        class: "contest-form",
        onsubmit: (event) => {
          event.preventDefault();
          runFromButton(send, place, async () =>
            contest(this.lesson.id, shown, remark.value.trim() || null, await this.token()),
          );
        },
      },
      remark,
      send,
    );
    const node = element(
      "li",
      { class: "inferred" },
      face,
      element("details", {}, element("summary", {}, "Why"), reasons),
      state,
      form,
      place,
    );
    const update = (span, contested, events) => {
      shown = span;
      const words = stateWords(span.state);
      node.dataset.tone = words.tone;
      renderWhenChanged(face, [span.state, span.sinceMs, span.endMs, span.context], () => faceNodes(span));
      renderWhenChanged(reasons, span, () => reasonsOf(span, this.lesson.id, events));
      setText(state, contested ? contestWords(contested) : "");
      form.hidden = this.token === null || contested !== null;
    };
    return { node, update };
  }
}

function faceNodes({ state, sinceMs, endMs, context }) {
  const { word, glyph } = stateWords(state);
  const during = contextWords(context);
  return [
    icon(glyph),
    element("strong", {}, word),
    element("span", { class: "inferred-when" }, spanWords(sinceMs, endMs)),
    element("span", { class: "help" }, meaningOf(state, "Somebody who"), during && ` Meanwhile: ${during}.`),
  ];
}

function nowNodes(span, isWithdrawn) {
  if (isWithdrawn) {
    return [element("p", {}, "Consent to signals was taken back: nothing is inferred any more.")];
  }
  if (span === null) return [element("p", {}, "Nothing has been inferred so far.")];
  const { word, glyph } = stateWords(span.state);
  const sure = span.state === "unknown" ? "" : ` The model finds it ${sureness(span.confidence)}.`;
  return [
    icon(glyph),
    element("p", { class: "inferred-state" }, word),
    element("p", {}, `Since ${clock(span.sinceMs)}. ${meaningOf(span.state, "It means somebody who")}${sure}`),
  ];
}

const profileNodes = (profile) =>
  profile === null
    ? [element("p", { class: "help" }, "Not known yet: it takes some minutes of a lesson.")]
    : [
        profileList(profile),
        element(
          "p",
          { class: "help" },
          "The bars are where the model believes the values lie. They are not added up, and nobody is compared with anybody.",
        ),
      ];

const toldNodes = (nudges) =>
  nudges.length === 0
    ? [element("p", { class: "help" }, "Nothing.")]
    : nudges.map((nudge) =>
        element(
          "div",
          {},
          element("p", {}, `${clock(nudge.atMs)}: ${nudge.text}`),
          nudge.observations.length > 0 && observationList(nudge.observations),
        ),
      );

/** The newest numbers; there is no picture to show. @param {any} observed of a `camera.observed` */
function cameraNodes(observed) {
  const heading = element("h2", {}, "What the camera showed");
  if (observed === null) return [heading];
  const shares = [
    ["somebody in the picture", observed.presence],
    ["a face towards the screen", observed.facing_screen],
    ["a face towards the desk", observed.facing_desk],
    ["small motion, as of writing", observed.hand_motion],
    ["large motion", observed.large_motion],
  ].filter(([, share]) => share !== null && share !== undefined);
  return [
    heading,
    element(
      "ul",
      { class: "camera-facts" },
      ...shares.map(([what, share]) => element("li", {}, `${what}: ${Math.round(share * 100)}\u00a0%`)),
    ),
    element(
      "p",
      { class: "help" },
      `At ${clock(observed.end_ms)}, from ${observed.frames} frames. They were looked at and dropped; these numbers are all that is kept.`,
    ),
  ];
}

const explanation = () => [
  element(
    "p",
    {},
    "From what can be observed: counts of input, never which keys; answers, chat, hands and polls; who speaks when; whether the lesson is in front. From the camera only where consent to it was given, and then numbers, no picture.",
  ),
  element(
    "p",
    {},
    "Never feelings, and never from a face or a voice. It is a guess by a model and can be wrong: then say so, and it counts nowhere until somebody who teaches has looked at it.",
  ),
];
