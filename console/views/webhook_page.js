/** One webhook: how it stands, what waits for it, and its delivery log. */

import {
  changeWebhook,
  deleteWebhook,
  getWebhook,
  listDeliveries,
  replay,
  rotateSecret,
} from "../client/webhooks_api.js";
import { counted, moment } from "../record/words.js";
import { action, openAdministrationPage, openForm, secretNotice } from "./administration.js";
import { element } from "./element.js";
import { field, select } from "./new_lesson.js";
import { ask, failureNotice, loadingNotice, runFromButton } from "./notices.js";
import { panel } from "./page.js";
import { pagedTable, recordRow } from "./table.js";
import { typesOf, webhookState } from "./webhooks_page.js";

const STATUSES = [
  ["", "All messages"],
  ["delivered", "Delivered"],
  ["retrying", "Being tried again"],
  ["failed", "Given up"],
];
const OVERLAPS = [
  ["86400", "a day"],
  ["3600", "an hour"],
  ["604800", "a week"],
  ["0", "no time: it ends now"],
];

/** @param {HTMLElement} root @param {string} webhookId @param {boolean} moveFocus */
export function openWebhookPage(root, webhookId, moveFocus) {
  const notice = element("div", { role: "status" });
  const open = () =>
    openAdministrationPage(
      root,
      "#/webhooks",
      { title: "Webhook", loading: "Fetching the webhook…", moveFocus },
      async (_signal, setTitle) => {
        const webhook = await getWebhook(webhookId);
        setTitle(new URL(webhook.url).host);
        return [
          notice,
          element(
            "div",
            { class: "progress-layout" },
            element("div", { class: "briefing-main" }, deliveryLog(webhook, notice)),
            element(
              "div",
              { class: "progress-side" },
              panel("How it stands", facts(webhook)),
              panel("Settings", controls(webhook, notice, open)),
            ),
          ),
        ];
      },
    );
  return open();
}

function facts(webhook) {
  const { waiting } = webhook;
  const rows = [
    ["State", webhookState(webhook)],
    ["Address", webhook.url],
    ["Events", typesOf(webhook)],
    ["Course", webhook.course_id ?? "All"],
    ["Waiting", `${counted(waiting.events, "event")} of ${counted(waiting.lessons, "lesson")}`],
    ["Next try", waiting.next_attempt_at ? moment(waiting.next_attempt_at) : "–"],
    ["Last delivered", webhook.last_success_at ? moment(webhook.last_success_at) : "Never"],
    ["Told if disabled", webhook.contact_email ?? "The administrators"],
  ];
  if (webhook.previous_secret_until) {
    rows.push(["Old secret", `signs until ${moment(webhook.previous_secret_until)}`]);
  }
  return element(
    "dl",
    { class: "facts" },
    ...rows.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]),
  );
}

function controls(webhook, notice, reload) {
  const place = element("div");
  const isEnabled = webhook.status === "enabled";
  const toggle = action(isEnabled ? "Disable" : "Enable", () =>
    runFromButton(toggle, place, async () => {
      await changeWebhook(webhook.id, { status: isEnabled ? "disabled" : "enabled" });
      reload();
    }),
  );
  const remove = action(
    "Delete",
    async () => {
      const sure = await ask({
        title: "Delete this webhook?",
        text: "Its delivery log goes with it, and what waits for it is not sent.",
        confirm: "Delete webhook",
      });
      if (!sure) return;
      runFromButton(remove, place, async () => {
        await deleteWebhook(webhook.id);
        location.hash = "#/webhooks";
      });
    },
    "button-danger",
  );
  return element(
    "div",
    {},
    element(
      "div",
      { class: "record-actions record-actions-start" },
      action("Replay a time", () => openReplay(webhook, notice)),
      action("Rotate the secret", () => openRotation(webhook, notice, reload)),
      toggle,
      remove,
    ),
    place,
  );
}

function openRotation(webhook, notice, reload) {
  const overlap = select("webhook-overlap", OVERLAPS);
  openForm({
    title: "Rotate the secret",
    confirm: "Make the new secret",
    fields: [field("Messages are signed by the old secret as well for", overlap)],
    submit: async () => {
      const { secret } = await rotateSecret(webhook.id, Number(overlap.value));
      notice.replaceChildren(secretNotice("The new secret, shown this once:", secret));
      reload();
    },
  });
}

function openReplay(webhook, notice) {
  const since = element("input", { id: "since", type: "datetime-local", required: true });
  const until = element("input", { id: "until", type: "datetime-local" });
  const moments = (input) => (input.value ? new Date(input.value).toISOString() : undefined);
  openForm({
    title: "Replay a time",
    confirm: "Send again",
    fields: [
      element(
        "p",
        {},
        "Everything that was committed then is sent again under its former ids, so a receiver that remembers ids takes nothing twice.",
      ),
      field("From", since),
      field("Until", until, "Left empty: until now."),
    ],
    submit: async () => {
      const what = { since: moments(since), until: moments(until) };
      const { events } = await replay(webhook.id, what);
      const text = `${counted(events, "event")} at most are on their way again.`;
      notice.replaceChildren(element("p", { class: "notice" }, text));
    },
  });
}

function deliveryLog(webhook, notice) {
  const body = element("div");
  const status = element(
    "select",
    { id: "delivery-status", "aria-label": "Which messages", onchange: () => fill() },
    ...STATUSES.map(([value, label]) => element("option", { value }, label)),
  );
  const fill = async () => {
    body.replaceChildren(loadingNotice("Fetching the log…"));
    try {
      body.replaceChildren(await deliveryTable(webhook, status.value, notice));
    } catch (error) {
      body.replaceChildren(failureNotice(error, fill));
    }
  };
  fill();
  return element(
    "section",
    { class: "panel", "aria-labelledby": "log-title" },
    element(
      "div",
      { class: "captions-bar" },
      element("h2", { id: "log-title" }, "Delivery log"),
      element("div", { class: "page-controls" }, status, action("Refresh", fill)),
    ),
    body,
  );
}

const deliveryTable = (webhook, status, notice) =>
  pagedTable(
    {
      caption: "Messages, the last attempted first",
      heads: ["Event", "Outcome", "Attempts", "Last attempt", ""],
      empty: ["No messages.", "What is sent, or tried to be, is noted here."],
    },
    (before) => listDeliveries(webhook.id, status, before),
    (delivery) => deliveryRow(webhook, delivery, notice),
  );

function deliveryRow(webhook, delivery, notice) {
  const place = element("div");
  const again = action("Send again", () =>
    runFromButton(again, place, async () => {
      await replay(webhook.id, { message_id: delivery.id });
      const text = `${delivery.event_type} is on its way again.`;
      notice.replaceChildren(element("p", { class: "notice" }, text));
    }),
  );
  return recordRow(
    element(
      "div",
      {},
      element(
        "a",
        { href: `#/lessons/${delivery.lesson_id}/events/${delivery.sequence}` },
        element("code", {}, delivery.event_type),
      ),
      element("span", { class: "record-detail record-id" }, delivery.id),
    ),
    outcome(delivery),
    attemptList(delivery.attempts),
    moment(delivery.last_attempt_at),
    element("div", { class: "record-actions" }, again, place),
  );
}

function outcome({ status, next_attempt_at: next }) {
  if (status === "delivered") {
    return element("span", { class: "verdict verdict-good" }, "Delivered");
  }
  const text = status === "failed" ? "Given up" : `Next try ${next ? moment(next) : "soon"}`;
  return element("span", { class: "verdict verdict-bad" }, text);
}

const attemptList = (attempts) =>
  element(
    "details",
    {},
    element("summary", {}, counted(attempts.length, "attempt")),
    element(
      "ol",
      { class: "attempts" },
      ...attempts.map((attempt) =>
        element(
          "li",
          {},
          [moment(attempt.at), attempt.status, `${attempt.duration_ms} ms`]
            .filter(Boolean)
            .join(" · "),
          attempt.error && element("span", { class: "record-detail" }, attempt.error),
          attempt.answer && element("code", { class: "record-detail" }, attempt.answer),
        ),
      ),
    ),
  );
