/** Colours of a brand, made readable: WCAG 2.2 contrast, whatever a tenant has chosen. */

/** Contrast that text needs (WCAG 2.2, 1.4.3). */
const TEXT_CONTRAST = 4.5;
const STEP = 0.04;

/** @typedef {[number, number, number]} Colour red, green and blue in 0..255 */

/** @param {string} hex "#rrggbb" @returns {Colour} */
const parse = (hex) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

/** @param {Colour} colour */
const hexOf = (colour) =>
  `#${colour.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("")}`;

/** Relative luminance of sRGB. @param {Colour} colour */
function luminance(colour) {
  const [red, green, blue] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** @param {Colour} one @param {Colour} other @returns {number} 1..21 */
function contrast(one, other) {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** @param {Colour} one @param {Colour} other @param {number} share of the other */
const mix = (one, other, share) => one.map((part, at) => part + (other[at] - part) * share);

/**
 * The colour itself where it can be read on the ground, or else its nearest shade that can.
 * @param {string} hex @param {string} ground @returns {string}
 */
export function readable(hex, ground) {
  const [colour, behind] = [parse(hex), parse(ground)];
  const towards = luminance(behind) > 0.18 ? [0, 0, 0] : [255, 255, 255];
  for (let share = 0; share < 1; share += STEP) {
    const shade = mix(colour, towards, share);
    if (contrast(shade, behind) >= TEXT_CONTRAST) return hexOf(shade);
  }
  return hexOf(towards);
}

/** Black or white, whichever is read better on the colour. @param {string} hex */
export const inkOn = (hex) =>
  contrast(parse(hex), [255, 255, 255]) >= contrast(parse(hex), [0, 0, 0]) ? "#ffffff" : "#000000";

/** A tint of the colour for surfaces. @param {string} hex @param {string} ground @param {number} share */
export const tint = (hex, ground, share) => hexOf(mix(parse(ground), parse(hex), share));
