"""Likeness to the objective, by the embedding model that its package carries."""

from __future__ import annotations

import pytest

from models.engagement.topics import TopicSimilarity, load_topics

TOPIC = "Adding fractions with unlike denominators"


@pytest.fixture(scope="module")
def topics() -> TopicSimilarity:
    loaded = load_topics()
    if loaded is None:
        pytest.skip("the packages of the embedding model are not installed")
    return loaded


def test_what_is_about_the_objective_is_nearer_to_it(topics: TopicSimilarity) -> None:
    said = [
        "so we need a common denominator before we add them",
        "one half plus one third, what do we do first",
        "my cat fell off the sofa yesterday",
    ]
    first, second, other = topics.similarities(said, [TOPIC] * 3)
    assert min(first, second) > other + 0.15
    assert all(-1.0 <= each <= 1.0 for each in (first, second, other))


def test_the_same_text_is_as_near_as_can_be(topics: TopicSimilarity) -> None:
    (same,) = topics.similarities([TOPIC], [TOPIC])
    assert same == pytest.approx(1.0, abs=1e-3)
    assert topics.similarities([], []) == []
    with pytest.raises(ValueError, match="topic"):
        topics.similarities([TOPIC], [])
