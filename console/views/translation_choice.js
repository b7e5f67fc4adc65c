/** The language whose translations stand under the captions, remembered by the browser. */

import { keepTranslation, readTranslation } from "../client/session.js";
import { element } from "./element.js";

/** @param {() => void} onChange after another language was chosen */
export function createTranslationChoice(onChange) {
  const choice = element("select", {
    id: "translation",
    onchange: () => {
      keepTranslation(choice.value);
      onChange();
    },
  });
  const node = element(
    "p",
    { class: "translation-choice", hidden: true },
    element("label", { for: "translation" }, "Translation"),
    choice,
  );
  let offered = "";
  /** @type {import("../record/record.js").LessonRecord["translations"]} */
  let translations = new Map();

  /** @param {import("../record/record.js").LessonRecord} record whose translations there are */
  function offer(record) {
    translations = record.translations;
    const codes = [...translations.keys()].sort();
    if (codes.join() === offered) return;
    offered = codes.join();
    const wanted = choice.value || readTranslation();
    const options = codes.map((code) => element("option", { value: code }, languageName(code)));
    choice.replaceChildren(element("option", { value: "" }, "None"), ...options);
    choice.value = translations.has(wanted) ? wanted : "";
    node.hidden = codes.length === 0;
  }

  /**
   * Puts the translation of a caption's newest revision under it, or takes an older one away.
   * @param {HTMLElement} entry @param {import("../record/record.js").Caption} caption
   * @returns {boolean} whether the entry has changed
   */
  function show(entry, caption) {
    const known = translations.get(choice.value)?.get(caption.captionId);
    const text = known?.revision === caption.revision ? known.text : "";
    const shown = entry.querySelector(".entry-translation");
    if ((shown?.textContent ?? "") === text && (shown?.lang ?? choice.value) === choice.value) {
      return false;
    }
    shown?.remove();
    if (text === "") return true;
    const line = element("p", { class: "entry-translation", lang: choice.value, dir: "auto" }, text);
    entry.querySelector(".entry-body").append(line);
    return true;
  }

  return { node, offer, show };
}

/** @param {string} code ISO 639 @returns {string} the language's name in its own words, and ours */
function languageName(code) {
  const own = new Intl.DisplayNames([code], { type: "language" }).of(code);
  const english = new Intl.DisplayNames(["en"], { type: "language" }).of(code);
  return own === english ? english : `${own} (${english})`;
}
