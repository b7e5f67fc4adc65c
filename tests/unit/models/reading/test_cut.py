"""Segments of a lesson by the model that comes with Lectern."""

from __future__ import annotations

from models.reading.cut import ModelSegments
from models.segments.segmenter import shipped_segmenter
from tests.unit.features.reading.test_material import read
from tests.unit.models.reading.test_reading import told


def test_segments_tile_what_was_said_and_each_has_a_title() -> None:
    cut = ModelSegments(shipped_segmenter())
    material = read(told().events)
    segments = cut(material)
    rows = [row for one in segments for row in range(one.first, one.last + 1)]
    assert rows == list(range(len(material.utterances)))
    assert all(one.title for one in segments)
    assert len({one.segment_id for one in segments}) == len(segments)
    assert cut.models


def test_where_nothing_was_said_there_is_none() -> None:
    assert ModelSegments(shipped_segmenter())(read([])) == ()
