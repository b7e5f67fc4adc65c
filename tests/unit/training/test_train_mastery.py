"""Training from end to end: on simulated learners, and on what a tenant exported."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from lessons.errors import InvalidInput
from lessons.events import AssessmentItemAnswered, EventDraft
from lessons.exports import Exporter
from lessons.exports.layout import tenant_folder
from lessons.roles import Role
from lessons.store import Database, Ledger, LessonStore
from models.mastery.parameters import load_parameters, shipped_parameters
from training import exported_answers, train_mastery
from training.mastery_evaluation import FITTED, MAJORITY, SHIPPED
from training.train_mastery import train_on_export, train_on_simulation, write_card


@pytest.fixture(autouse=True)
def _few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.prediction_scores.RESAMPLES", 20)


def test_what_is_trained_on_simulated_learners_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_mastery, "UNSEEN_PER_WORLD", 1)
    trained = train_on_simulation(learners=60, objectives_per_world=3)
    assert "no people" in trained.parameters.data
    assert trained.parameters.version.startswith("simulated-")
    assert [SHIPPED in table.scores for table in trained.tables] == [False, True, False, True]
    assert trained.tables[0].scores[FITTED].auc > trained.tables[0].scores[MAJORITY].auc
    file, card = tmp_path / "parameters.json", tmp_path / "card.md"
    train_mastery.write_parameters(trained, file)
    read = load_parameters(file)
    assert read.version == trained.parameters.version
    assert read.forget.tolist() == trained.parameters.forget.tolist()
    card.write_text("Above\n<!-- figures -->\nearlier figures\n<!-- /figures -->\nBelow\n", "utf-8")
    write_card(trained, card)
    text = card.read_text("utf-8")
    assert text.startswith("Above\n")
    assert text.endswith("<!-- /figures -->\nBelow\n")
    assert "earlier figures" not in text
    assert trained.parameters.version in text


def test_what_ships_says_that_it_knows_no_people() -> None:
    shipped = shipped_parameters()
    assert "no people" in shipped.data
    assert shipped.version in (train_mastery.FOLDER / "card.md").read_text("utf-8")


@pytest.fixture
async def export(database: Database, tenant_id: str, tmp_path: Path) -> Path:
    """A tenant's export: answers, and what is no first answer without help."""
    generator = random.Random(1)
    lessons = LessonStore(database)
    lesson = await lessons.create_lesson(tenant_id, title="Fractions")
    drafts = []
    for learner in range(12):
        person = await lessons.add_participant(
            tenant_id, lesson.id, f"L{learner}", Role.LEARNER, f"l{learner}"
        )
        for item in range(48):
            answer = AssessmentItemAnswered(
                item_id=f"q{item}",
                objective_id=f"o{item % 6}",
                correct=generator.random() < 0.2 + item / 60,
                attempt=1 if item % 8 else 2,
            )
            drafts.append(EventDraft(answer, item, person.id))
    await Ledger(database).append(tenant_id, lesson.id, drafts)
    await Exporter(database).export(tenant_id, tmp_path, lambda _: None)
    return tenant_folder(tmp_path, tenant_id)


async def test_a_tenants_own_answers_are_fitted_on(
    export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InvalidInput, match="0 objectives"):
        train_on_export(export)
    monkeypatch.setattr(exported_answers, "MINIMUM_ANSWERS", 40)
    monkeypatch.setattr(exported_answers, "MINIMUM_LEARNERS", 5)
    trained = train_on_export(export)
    assert "12 learners of one tenant, 504 first answers on 6 objectives" in trained.parameters.data
    assert {FITTED, SHIPPED} <= set(trained.tables[0].scores)


@pytest.mark.parametrize(
    "content", [None, "", "{}", '{"version": "x", "data": "", "draws": [[1]]}']
)
def test_a_file_without_parameters_is_refused(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "parameters.json"
    if content is not None:
        path.write_text(content, "utf-8")
    with pytest.raises(InvalidInput) as refused:
        load_parameters(path)
    assert refused.value.field == "LECTERN_MASTERY_PARAMETERS"
