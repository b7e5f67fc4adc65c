/** Says to machines, in the page's head, what made its text (EU AI Act, Article 50). */

import { element } from "./element.js";

const META = "digital-source-type";

export const GENERATED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";

/** For as long as the page is shown. @param {string | null} type IPTC's URI; null: a person did */
export function tellMachines(type) {
  document.head.querySelector(`meta[name="${META}"]`)?.remove();
  if (type) document.head.append(element("meta", { name: META, content: type }));
}
