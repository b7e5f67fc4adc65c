/** Captioning a lesson by hand: one large field, by keyboard alone and with a screen reader. */

import { getLesson } from "../client/api.js";
import { setPageTitle } from "../client/brand.js";
import { correctCaption, getCaller } from "../client/captions_api.js";
import { explain } from "../client/http.js";
import { followLesson } from "../client/lesson_feed.js";
import { LessonTime, report } from "../client/lesson_time.js";
import { TypingQueue } from "../client/typing_queue.js";
import { BUCKETS } from "../record/display_meter.js";
import { emptyRecord, spokenOrder } from "../record/record.js";
import { HUMAN } from "../record/takeovers.js";
import { clock } from "../record/words.js";
import { createCaptionerIdentity } from "./captioner_identity.js";
import { element, renderWhenChanged, setText } from "./element.js";
import { failureNotice, loadingNotice } from "./notices.js";
import { createSpeakerChoice } from "./speaker_choice.js";

const RECENT = 8;

/**
 * @param {HTMLElement} root @param {string} lessonId @param {boolean} moveFocus to the heading
 * @returns {() => void} leaves the page
 */
export function openCaptionerPage(root, lessonId, moveFocus) {
  const leaving = new AbortController();
  root.replaceChildren(loadingNotice("Opening the lesson…"));
  const open = async () => {
    try {
      const [lesson, caller] = await Promise.all([getLesson(lessonId), getCaller()]);
      if (leaving.signal.aborted) return;
      const page = new CaptionerPage(root, lesson, caller, leaving.signal);
      if (moveFocus) root.querySelector("h1").focus({ preventScroll: true });
      await page.follow();
    } catch (error) {
      if (!leaving.signal.aborted) root.replaceChildren(failureNotice(error, open));
    }
  };
  open();
  return () => leaving.abort();
}

class CaptionerPage {
  /** The caption that the field corrects; null while it types a new one. */
  #correcting = null;
  #startedAt = null;

  constructor(root, lesson, caller, signal) {
    this.lesson = lesson;
    this.signal = signal;
    this.record = { ...emptyRecord(), status: lesson.status };
    this.time = new LessonTime();
    this.speakers = createSpeakerChoice();
    this.problems = element("div");
    this.sent = element("p", { class: "captioner-sent", role: "status" });
    this.recent = element("ol", { class: "captioner-recent" });
    this.queue = this.#makeQueue();
    this.#makeField();
    this.identity = createCaptionerIdentity(lesson, caller, {
      problems: this.problems,
      onTaken: () => this.field.focus(),
      onAdded: () => this.#refreshLesson(),
    });
    setPageTitle(`Captions by hand: ${lesson.title}`);
    root.replaceChildren(...this.#layout());
    document.addEventListener("keydown", (event) => this.speakers.onKey(event), { signal });
    this.#draw();
  }

  #makeQueue() {
    const listener = {
      onSent: () => setText(this.sent, "Sent."),
      onRefused: (caption, error) => {
        this.problems.replaceChildren(failureNotice(error));
        if (!this.field.value) this.field.value = caption.text;
      },
      onWaiting: (count) =>
        count > 0 && setText(this.sent, `Waiting for the server: ${count} not sent yet.`),
    };
    return new TypingQueue(this.lesson.id, () => this.identity.ownToken(), listener, this.signal);
  }

  #makeField() {
    this.mode = element("label", { for: "captioner-field", class: "captioner-mode" });
    this.field = element("textarea", {
      id: "captioner-field",
      class: "captioner-field",
      rows: "2",
      maxlength: "2000",
      autocomplete: "off",
      "aria-describedby": "captioner-keys",
      oninput: () => this.#onInput(),
      onkeydown: (event) => this.#onKey(event),
    });
  }

  #layout() {
    const { id, title } = this.lesson;
    const head = element(
      "div",
      { class: "page-head" },
      element(
        "div",
        {},
        element("h1", { tabindex: "-1" }, "Captions by hand"),
        element("p", { class: "lesson-facts" }, element("a", { href: `#/lessons/${id}` }, title)),
      ),
    );
    const keys = element(
      "p",
      { class: "help", id: "captioner-keys" },
      ...["Enter", " sends, ", "Ctrl 1–9", " or ", "Alt 1–9", " says who speaks, ", "↑", " in an empty field corrects the last one, ", "Esc", " cancels."].map(
        (part, index) => (index % 2 === 0 ? element("kbd", {}, part) : part),
      ),
    );
    const form = element(
      "form",
      {
        class: "captioner-form",
        onsubmit: (event) => {
          event.preventDefault();
          this.#send();
        },
      },
      this.mode,
      this.field,
      element("button", { class: "button button-primary" }, "Send"),
    );
    const recent = element(
      "section",
      { class: "captioner-said", "aria-label": "Captions so far" },
      this.recent,
    );
    return [head, this.identity.node, this.problems, recent, this.speakers.node, form, keys, this.sent];
  }

  async follow() {
    this.#setClock();
    await followLesson(this.lesson.id, this.signal, {
      onRecord: (record) => {
        this.record = record;
        this.#draw();
      },
      onCaughtUp: () => this.field.focus({ preventScroll: true }),
      onPartial: () => {},
      onRecording: () => {},
      onState: (state) =>
        state === "waiting" && setText(this.sent, "Reconnecting to the lesson…"),
    });
  }

  /** Without it captions are put where they are sent, instead of where they were begun. */
  async #setClock() {
    const silence = new Array(BUCKETS).fill(0);
    await report(this.lesson.id, this.time, silence, 0).catch(() => {});
  }

  #draw() {
    const people = this.lesson.participants ?? [];
    this.speakers.update(people);
    this.identity.update(this.record, people);
    setText(this.mode, this.#correcting ? "Correcting what was said" : "What is said now");
    const said = spokenOrder(this.record).slice(-RECENT);
    renderWhenChanged(this.recent, [said, this.#correcting?.captionId], () => said.map((one) => this.#line(one)));
  }

  #line(caption) {
    const own = caption.engine === HUMAN;
    const open = this.#correcting?.captionId === caption.captionId;
    return element(
      "li",
      {
        class: own ? "said" : "said said-engine",
        "data-caption-id": caption.captionId,
        "aria-current": open && "true",
      },
      element("time", {}, clock(caption.startMs)),
      element("span", { class: "said-name" }, caption.name),
      element("span", { class: "said-text" }, caption.text),
      !own && element("span", { class: "said-origin" }, "engine"),
    );
  }

  async #refreshLesson() {
    this.lesson = await getLesson(this.lesson.id);
    this.#draw();
  }

  #onInput() {
    if (this.field.value === "") this.#startedAt = null;
    else this.#startedAt ??= this.time.isSet ? Math.round(this.time.at()) : null;
  }

  #onKey(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#send();
    } else if (event.key === "ArrowUp" && this.field.value === "") {
      event.preventDefault();
      this.#correctLast();
    } else if (event.key === "Escape" && this.#correcting) {
      this.#clear();
      setText(this.sent, "Nothing was changed.");
    }
  }

  /** The last one that was typed; where none was yet, the engine's last. */
  #correctLast() {
    const said = spokenOrder(this.record);
    const last = said.findLast((one) => one.engine === HUMAN) ?? said.at(-1);
    if (!last) return;
    this.#correcting = last;
    this.field.value = last.text;
    this.field.select();
    setText(this.sent, `Correcting: ${last.text}`);
    this.#draw();
  }

  #clear() {
    this.#correcting = null;
    this.#startedAt = null;
    this.field.value = "";
    this.#draw();
  }

  async #send() {
    const text = this.field.value.trim();
    if (!text) return;
    this.problems.replaceChildren();
    if (this.#correcting) {
      await this.#correct(text);
      return;
    }
    const participant_id = this.speakers.chosen().id;
    const id = `cap_${crypto.randomUUID()}`;
    const start_ms = this.#startedAt;
    this.#clear();
    this.queue.push({ id, text, participant_id, start_ms });
  }

  async #correct(text) {
    const { captionId, revision } = this.#correcting;
    try {
      await correctCaption(this.lesson.id, captionId, { text, revision }, await this.identity.ownToken());
      this.#clear();
      setText(this.sent, "Corrected.");
    } catch (error) {
      // What was typed stays in the field; what stands there now is said, and corrected next.
      this.problems.replaceChildren(failureNotice(new Error(explain(error))));
      this.#correcting = this.record.captions.get(captionId) ?? this.#correcting;
    }
  }
}
