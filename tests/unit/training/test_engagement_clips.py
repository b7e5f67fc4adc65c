"""Folders of published clips: the labels of engagement are read, those of emotions never."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from lessons.errors import InvalidInput
from training.engagement_clips import EngagementClip, read_daisee, read_engagenet, summary

SPLITS = ("Train", "Validation", "Test")


@pytest.fixture
def daisee(tmp_path: Path) -> Path:
    """A folder of DAiSEE's shape; what it says of emotions would not even parse."""
    (tmp_path / "Labels").mkdir()
    for number, split in enumerate(SPLITS):
        rows = ["ClipID,Boredom,Engagement,Confusion,Frustration "]
        for clip in range(3):
            name = f"11000{number}00{clip}2"
            rows.append(f"{name}.avi,unreadable,{clip},unreadable,unreadable")
            place = tmp_path / "DataSet" / split / name[:6] / name
            place.mkdir(parents=True)
            (place / f"{name}{'.mp4' if clip else '.avi'}").touch()
        rows.append("9999990012.avi,0,2,0,0")  # labelled, and not among the clips
        (tmp_path / "Labels" / f"{split}Labels.csv").write_text("\r\n".join(rows), "utf-8")
    return tmp_path


def test_daisee_gives_each_clip_its_level_of_engagement_alone(daisee: Path) -> None:
    clips = read_daisee(daisee)
    assert [each.level for each in clips] == [0, 1, 2] * 3
    assert {each.person for each in clips if each.split == "test"} == {"110002"}
    assert all(each.path.is_file() for each in clips)
    assert set(EngagementClip.__slots__) == {"path", "person", "split", "level"}
    assert summary(clips).splitlines() == [
        "train: 3 clips of 1 people; levels 0: 1, 1: 1, 2: 1",
        "validation: 3 clips of 1 people; levels 0: 1, 1: 1, 2: 1",
        "test: 3 clips of 1 people; levels 0: 1, 1: 1, 2: 1",
        "in more than one split: nobody",
    ]


def test_a_level_that_is_none_is_refused(daisee: Path) -> None:
    labels = daisee / "Labels" / "TestLabels.csv"
    labels.write_text(labels.read_text("utf-8").replace(",2,", ",7,"), "utf-8")
    with pytest.raises(InvalidInput, match=r"TestLabels.csv says '7', and knows 0 to 3"):
        read_daisee(daisee)


@pytest.fixture
def engagenet(tmp_path: Path) -> Path:
    """A folder of EngageNet's shape: workbooks for two splits, a CSV file for the third."""
    labels = ("Highly-Engaged", "Barely-engaged", "SNP(Subject Not Present)")
    for number, split in enumerate(SPLITS):
        (tmp_path / split).mkdir()
        rows = [("", "chunk", "label")]
        for place, label in enumerate(labels):
            clip = f"subject_{number}_Vid_{place}_0.mp4"
            (tmp_path / split / clip).touch()
            rows.append((str(place), clip, label))
        table = tmp_path / f"{split.lower()}_engagement_labels"
        if split == "Test":
            text = "\n".join(",".join(row) for row in rows)
            table.with_suffix(".csv").write_text(text, "utf-8")
            continue
        workbook = Workbook()
        for row in rows:
            workbook.active.append(row)
        workbook.save(table.with_suffix(".xlsx"))
    return tmp_path


def test_engagenet_reads_workbooks_and_knows_who_is_not_in_the_picture(engagenet: Path) -> None:
    clips = read_engagenet(engagenet)
    assert [each.level for each in clips] == [3, 1, None] * 3
    assert [each.person for each in clips[::3]] == ["0", "1", "2"]
    assert "test: 3 clips of 1 people; levels 1: 1, 3: 1, nobody: 1" in summary(clips)


def test_somebody_in_two_splits_is_named(engagenet: Path) -> None:
    clips = read_engagenet(engagenet)
    doubled = EngagementClip(clips[0].path, "0", "test", 1)
    assert summary([*clips, doubled]).endswith("in more than one split: 0")


def test_a_folder_without_labels_is_refused(tmp_path: Path) -> None:
    for read in (read_daisee, read_engagenet):
        with pytest.raises(InvalidInput) as refused:
            read(tmp_path)
        assert refused.value.field == "folder"


def test_a_label_of_an_emotion_is_no_level(engagenet: Path) -> None:
    table = engagenet / "test_engagement_labels.csv"
    table.write_text(table.read_text("utf-8").replace("Highly-Engaged", "Bored"), "utf-8")
    with pytest.raises(InvalidInput, match="says 'Bored'"):
        read_engagenet(engagenet)
