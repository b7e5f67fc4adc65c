"""A track's language: as the lesson says, or settled by its first words and kept against slips."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from models.captions.interface import HeardLanguage
from models.captions.track_language import LanguageRules, TrackLanguage

RULES = LanguageRules()


def test_a_lesson_that_names_its_language_keeps_it_whatever_is_heard() -> None:
    language = TrackLanguage("en")
    for _ in range(50):
        language.hear(HeardLanguage("es", 1.0), 5000)
    assert language.current == "en"
    assert not language.detects


def test_the_first_seconds_of_speech_settle_it() -> None:
    language = TrackLanguage(None)
    assert language.detects
    language.hear(HeardLanguage("cy", 0.4), 5000)
    language.hear(HeardLanguage("es", 0.9), 500)
    language.hear(HeardLanguage("es", 0.9), 2000)
    assert language.current is None
    language.hear(HeardLanguage("es", 0.7), 1500)
    assert language.current == "es"


def test_two_languages_in_turn_settle_nothing_until_one_has_more() -> None:
    language = TrackLanguage(None)
    for code in ("es", "pt"):
        language.hear(HeardLanguage(code, 0.9), 2900)
    assert language.current is None
    language.hear(HeardLanguage("es", 0.9), 1000)
    assert language.current == "es"


def spanish() -> TrackLanguage:
    language = TrackLanguage(None)
    language.hear(HeardLanguage("es", 0.99), RULES.settle_ms)
    return language


def test_one_sentence_or_an_unsure_hour_in_another_language_changes_nothing() -> None:
    language = spanish()
    language.hear(HeardLanguage("en", 0.99), 12_000)
    assert language.current == "es"
    for _ in range(100):
        language.hear(HeardLanguage("en", 0.7), 10_000)
    assert language.current == "es"


def test_what_goes_on_in_another_language_is_followed() -> None:
    language = spanish()
    for _ in range(3):
        assert language.current == "es"
        language.hear(HeardLanguage("en", 0.95), 4000)
    assert language.current == "en"


def test_a_word_of_its_own_language_begins_the_count_anew() -> None:
    language = spanish()
    for _ in range(20):
        language.hear(HeardLanguage("en", 0.95), 4000)
        language.hear(HeardLanguage("en", 0.95), 4000)
        language.hear(HeardLanguage("es", 0.5), 1000)
    assert language.current == "es"


heard = st.builds(HeardLanguage, st.sampled_from(["en", "es", "pt"]), st.floats(0, 1))


@given(st.lists(st.tuples(st.none() | heard, st.floats(0, 12_000)), max_size=60))
def test_once_known_it_changes_only_after_sustained_sure_speech(
    utterances: list[tuple[HeardLanguage | None, float]],
) -> None:
    language = TrackLanguage(None)
    since: list[tuple[HeardLanguage, float]] = []
    for one, speech_ms in utterances:
        before = language.current
        language.hear(one, speech_ms)
        if one is not None and speech_ms >= RULES.shortest_ms:
            since.append((one, speech_ms))
        if language.current != before:
            if before is not None:
                against = [
                    (each, length)
                    for each, length in since
                    if each.code == language.current and each.probability >= RULES.sure
                ]
                assert len(against) >= RULES.switch_windows
                assert sum(length for _, length in against) >= RULES.switch_ms
            since = []
        assert before is None or language.current is not None
