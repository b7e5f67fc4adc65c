/** A tutor's own talk so far, in quiet counts: questions, wait, moves. */

import { counted, secondsOf } from "../record/words.js";
import { element, renderWhenChanged } from "./element.js";
import { percent } from "./week_chart.js";

/** Always in this order: a count that grows moves nothing. */
const MOVES = [
  ["pressing_for_reasoning", "asking for reasons"],
  ["pressing_for_accuracy", "asking for an exact answer"],
  ["getting_students_to_relate", "having learners take up each other's ideas"],
  ["revoicing", "saying a learner's idea in other words"],
  ["restating", "repeating what a learner said"],
  ["keeping_everyone_together", "keeping everybody together"],
];

/** Of fewer questions a share says more than it knows. */
const FEWEST_FOR_SHARE = 5;

/** @param {(id: string) => string} nameOf */
export function createNoteTalk(nameOf) {
  const list = element("dl", { class: "hints" });
  const node = element(
    "div",
    { class: "note-part", hidden: true },
    element("h3", {}, "Your own talk"),
    list,
    element("p", { class: "help" }, "Told from the words alone, and often wrong."),
  );

  /** @param {import("../record/notes.js").OwnTalk[]} own of each place from which the reader teaches */
  function update(own) {
    const told = own
      .map((talk) => ({ ...talk, name: own.length > 1 ? nameOf(talk.participantId) : null }))
      .filter(({ moves, questions }) => moves.size + questions > 0);
    node.hidden = told.length === 0;
    const content = told.map((talk) => [talk, ...talk.moves]);
    renderWhenChanged(list, content, () => told.flatMap(hintsOf));
  }

  return { node, update };
}

function hintsOf({ name, moves, questions, forReasoning, medianWaitMs }) {
  const title = (words) => (name === null ? words : `${words}: ${name}`);
  const wait = medianWaitMs === null ? null : `Median wait after them: ${secondsOf(medianWaitMs)}`;
  const made = MOVES.filter(([move]) => moves.has(move)).map(
    ([move, words]) => `${words} ${moves.get(move)}`,
  );
  return [
    questions > 0 && hint(title("Questions"), questionWords(questions, forReasoning), wait),
    made.length > 0 && hint(title("Moves"), made.join(" · "), null),
  ].filter(Boolean);
}

function questionWords(questions, forReasoning) {
  const words = `${forReasoning} of ${counted(questions, "question")} asked for reasons`;
  return questions < FEWEST_FOR_SHARE ? words : `${words} (${percent(forReasoning / questions)})`;
}

const hint = (title, words, remark) =>
  element(
    "div",
    { class: "hint" },
    element("dt", {}, title),
    element("dd", {}, words, remark && element("span", { class: "help" }, remark)),
  );
