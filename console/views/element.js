/** Elements made in one call, and the console's few icons. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {string} tag
 * @param {Record<string, any>} [attributes] `on<event>` adds a listener; true, false and null set or
 *   leave out an attribute; `class`, `data-...` and `aria-...` are plain attributes
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {any} the element
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
  node.append(...children.filter((child) => child || child === 0));
  return node;
}

/** Writes text only where it differs, so that assistive technology hears no idle change. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** @type {WeakMap<Node, string>} */
const shown = new WeakMap();

/**
 * Rebuilds the children only where what they show has changed since the last call.
 * @param {HTMLElement} node @param {unknown} content plain data that the children are made of
 * @param {() => Node[]} build
 */
export function renderWhenChanged(node, content, build) {
  const description = JSON.stringify(content);
  if (shown.get(node) === description) return;
  shown.set(node, description);
  node.replaceChildren(...build());
}

/**
 * Makes a list's children those nodes, in that order, and leaves alone what stands right already: the
 * focus stays where it is while more come. @param {HTMLElement} list @param {HTMLElement[]} nodes
 */
export function keepChildren(list, nodes) {
  for (const child of [...list.children]) if (!nodes.includes(child)) child.remove();
  nodes.forEach((node, index) => {
    if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null);
  });
}

const ICONS = {
  microphone: [
    "M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3z",
    "M6 11a6 6 0 0 0 12 0",
    "M12 17v4",
  ],
  "microphone-off": [
    "M9 6a3 3 0 0 1 6 0v5m-.6 2a3 3 0 0 1-5.4-2V9",
    "M6 11a6 6 0 0 0 9.5 4.9M18 11",
    "M12 17v4",
    "M4 4l16 16",
  ],
  camera: [
    "M4 7h10a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V8a1 1 0 0 1 1-1z",
    "M15 11l6-3v8l-6-3",
  ],
  hand: [
    "M7 12V6.5a1.5 1.5 0 0 1 3 0V11V4.5a1.5 1.5 0 0 1 3 0V11V5.5a1.5 1.5 0 0 1 3 0V12V8.5a1.5 1.5 0 0 1 3 0V15a6 6 0 0 1-6 6h-1.5c-2 0-3.3-1-4.3-2.6L4.6 14.5a1.5 1.5 0 0 1 2.4-1.7z",
  ],
  play: ["M7 5l12 7-12 7z"],
  pencil: ["M5 19l1-4L16 5l3 3L9 18z", "M14 7l3 3"],
  down: ["M12 5v14", "M6 13l6 6 6-6"],
  speech: ["M5 5h14a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-8l-4 4v-4H5a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1z"],
  book: [
    "M12 7c-2-1.6-4.6-2-8-2v13c3.4 0 6 .4 8 2 2-1.6 4.6-2 8-2V5c-3.4 0-6 .4-8 2z",
    "M12 7v13",
  ],
  climb: ["M3 19h5v-4h5v-5h5V5h3", "M17 5h4v4"],
  help: ["M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18z", "M9.3 9.5a2.7 2.7 0 1 1 3.9 2.4c-.8.4-1.2 1-1.2 1.9", "M12 17v.2"],
  wave: ["M3 9c3-3 6-3 9 0s6 3 9 0", "M3 16c3-3 6-3 9 0s6 3 9 0"],
  windows: ["M4 8h11v11H4z", "M9 8V4h11v11h-5"],
  door: ["M7 21V3h10v18", "M4 21h16", "M13.5 12v.2"],
  dots: ["M6 12v.2", "M12 12v.2", "M18 12v.2"],
  off: ["M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18z", "M5.7 5.7l12.6 12.6"],
};

/** A decorative icon: it is hidden from assistive technology, so say the same in words nearby. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", `icon icon-${name}`);
  for (const shape of ICONS[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", shape);
    svg.append(path);
  }
  return svg;
}

/** Text for screen readers only. */
export const hiddenText = (text) => element("span", { class: "visually-hidden" }, text);
