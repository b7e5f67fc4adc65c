/** One sentence of a summary: what shows it, whether to check it, and its correction in place. */

import { correctSummary } from "../client/summary_api.js";
import { withMentions } from "../record/summary.js";
import { createCitations } from "./citations.js";
import { element } from "./element.js";
import { runFromButton } from "./notices.js";

/**
 * @typedef {{lessonId: string, people: {id: string, name: string}[], mayCorrect: boolean,
 *   nameOf: (id: string | null) => string, captions: () => Promise<Map<string, any>>}} Reading
 */

/**
 * @param {import("../client/summary_api.js").Claim} claim @param {Reading} reading
 * @returns {HTMLElement}
 */
export function createClaim(claim, reading) {
  const node = element("li", { class: "claim", "data-claim-id": claim.claim_id, tabindex: "-1" });
  const show = (standing) => {
    node.classList.toggle("claim-marked", standing.status === "marked");
    node.replaceChildren(...parts(standing, reading, () => edit(standing)));
  };
  const leave = (newest) => {
    if (newest !== null) show(newest);
    else node.replaceChildren(element("p", { class: "help" }, "Taken out."));
    node.focus();
  };
  const edit = (standing) => {
    const editor = createEditor(standing, reading, leave);
    node.replaceChildren(editor.node);
    editor.focus();
  };
  show(claim);
  return node;
}

/** @param {import("../client/summary_api.js").Claim[]} claims @param {Reading} reading */
export const claimList = (claims, reading) =>
  element("ul", { class: "claims" }, ...claims.map((claim) => createClaim(claim, reading)));

function parts(claim, { lessonId, mayCorrect, nameOf, captions }, edit) {
  const isMarked = claim.status === "marked";
  const correct = { type: "button", class: "link-button", onclick: edit };
  return [
    element(
      "p",
      { class: "claim-text" },
      claim.text,
      isMarked && element("strong", { class: "claim-check" }, "To be checked"),
    ),
    isMarked && element("p", { class: "help" }, claim.reason),
    claim.corrected_by &&
      element("p", { class: "help" }, `Put right by ${nameOf(claim.corrected_by)}`),
    element(
      "div",
      { class: "claim-foot" },
      createCitations(lessonId, claim.citations, captions),
      mayCorrect &&
        element("button", { ...correct, "aria-label": `Correct: ${claim.text}` }, "Correct"),
    ),
  ].filter(Boolean);
}

function createEditor(claim, { lessonId, people }, leave) {
  const text = element("textarea", {
    "aria-label": "The sentence as it should be",
    maxlength: "1000",
    rows: "2",
  });
  text.value = claim.text;
  const remark = element("input", {
    "aria-label": "Why it is put right",
    placeholder: "A remark for colleagues",
    maxlength: "2000",
  });
  const problems = element("div");
  const written = () => text.value.trim();
  const send = (button, change, newest) =>
    runFromButton(button, problems, async () => {
      const why = remark.value.trim();
      const named = { claim_id: claim.claim_id, ...(why && { remark: why }) };
      const { data } = await correctSummary(lessonId, { ...named, ...change() });
      leave(newest(data.corrected_by));
    });
  const save = button("Save", "button button-primary button-small", () =>
    send(
      save,
      () => ({ text: withMentions(written(), people) }),
      (by) => ({ ...claim, text: written(), status: "grounded", reason: null, corrected_by: by }),
    ),
  );
  const remove = button("Take it out", "button button-danger button-small", () =>
    send(remove, () => ({ removed: true }), () => null),
  );
  const cancel = button("Cancel", "button button-small", () => leave(claim));
  const onkeydown = (event) => {
    if (event.key === "Escape") leave(claim);
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) save.click();
    else return;
    event.preventDefault();
  };
  const node = element(
    "div",
    { class: "claim-editor", onkeydown },
    text,
    remark,
    element("div", { class: "claim-decisions" }, save, remove, cancel),
    element("p", { class: "help" }, "Ctrl + Enter saves, Escape leaves it as it was."),
    problems,
  );
  return { node, focus: () => text.focus() };
}

const button = (label, className, onclick) =>
  element("button", { type: "button", class: className, onclick }, label);
