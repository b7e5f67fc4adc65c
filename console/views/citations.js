/** What a sentence rests on: captions and events, each a way to its place in the lesson. */

import { getCaptions } from "../client/summary_api.js";
import { citedIds, evidenceAddress, spanWords } from "../record/summary.js";
import { clock } from "../record/words.js";
import { element } from "./element.js";
import { failureNotice, loadingNotice } from "./notices.js";

const SHOWN_SPANS = 3;

/**
 * Captions of a lesson by their ids, read once for the whole page.
 * @param {string} lessonId @returns {() => Promise<Map<string, any>>}
 */
export function captionsOnce(lessonId) {
  let reading = null;
  return () => {
    reading ??= getCaptions(lessonId).then(
      ({ captions }) => new Map(captions.map((one) => [one.caption_id, one])),
      (error) => {
        reading = null;
        throw error;
      },
    );
    return reading;
  };
}

/**
 * @param {string} lessonId @param {import("../client/summary_api.js").Citation[]} citations
 * @param {() => Promise<Map<string, any>>} captions
 */
export function createCitations(lessonId, citations, captions) {
  const list = element("ul", { class: "cited" });
  let isRead = false;
  const open = async () => {
    if (!node.open || isRead) return;
    list.replaceChildren(element("li", {}, loadingNotice("Reading the captions…")));
    try {
      list.replaceChildren(...rows(lessonId, citations, await captions()));
      isRead = true;
    } catch (error) {
      list.replaceChildren(element("li", {}, failureNotice(error)));
    }
  };
  const times = citations.slice(0, SHOWN_SPANS).map(spanWords).join(", ");
  const rest = citations.length - SHOWN_SPANS;
  const words = `What shows it: ${times}${rest > 0 ? ` and ${rest} more` : ""}`;
  const node = element(
    "details",
    { class: "citations", ontoggle: open },
    element("summary", {}, words),
    list,
  );
  return node;
}

function rows(lessonId, citations, captions) {
  const { captions: ids, events } = citedIds(citations);
  const link = (id, words) => element("a", { href: evidenceAddress(lessonId, id) }, words);
  const said = ids.map((id) => {
    const caption = captions.get(id);
    if (!caption) return element("li", {}, link(id, "A caption"));
    const words = ` ${caption.participant_name}: “${caption.text}”`;
    return element("li", {}, link(id, clock(caption.start_ms)), words);
  });
  const others = events.map((id, index) =>
    element("li", {}, link(id, `Event ${index + 1} of ${events.length} in the record`)),
  );
  return [...said, ...others];
}
