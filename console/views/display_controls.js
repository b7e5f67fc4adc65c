/** Size and surface of the captions, remembered by the browser. */

import { keepDisplay, readDisplay } from "../client/session.js";
import { element } from "./element.js";

const SIZES = [
  "1.25rem",
  "clamp(1.375rem, 1.1rem + 0.8vw, 1.75rem)",
  "clamp(1.375rem, 1rem + 1.6vw, 2.125rem)",
  "clamp(1.75rem, 1.2rem + 2.4vw, 2.75rem)",
  "clamp(2.25rem, 1.4rem + 3.6vw, 3.75rem)",
];
const SURFACES = { board: "Board", paper: "Paper", contrast: "High contrast" };

/** @param {HTMLElement} target the element that holds board and transcript */
export function displayControls(target) {
  const display = readDisplay();
  const smaller = sizeButton("Smaller captions", "A−", () => resize(-1));
  const larger = sizeButton("Larger captions", "A+", () => resize(1));
  const surface = element(
    "select",
    { id: "surface", onchange: () => apply({ surface: surface.value }) },
    ...Object.entries(SURFACES).map(([value, label]) => element("option", { value }, label)),
  );
  const resize = (step) =>
    apply({ size: Math.min(SIZES.length - 1, Math.max(0, display.size + step)) });

  function apply(change) {
    Object.assign(display, change);
    keepDisplay(display);
    target.style.setProperty("--caption-size", SIZES[display.size]);
    target.dataset.surface = display.surface;
    surface.value = display.surface;
    smaller.disabled = display.size === 0;
    larger.disabled = display.size === SIZES.length - 1;
  }

  apply({});
  return element(
    "div",
    { class: "display-controls", role: "group", "aria-label": "Caption display" },
    smaller,
    larger,
    element("label", { for: "surface", class: "visually-hidden" }, "Caption colours"),
    surface,
  );
}

function sizeButton(label, text, onclick) {
  return element(
    "button",
    { type: "button", class: "button button-quiet", "aria-label": label, onclick },
    text,
  );
}
