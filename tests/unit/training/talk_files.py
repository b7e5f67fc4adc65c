"""Labelled talk as its authors publish it, with words of our own."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

TEACHER = [
    ("", "Everyone look at the board", "1.0"),
    ("the area is six", "The area is six", "3.0"),
    ("", "Why is the area six", "6.0"),
    ("because two times three", "Okay", "0.0"),
]
STUDENT = [
    ("What is the area", "the area is six", "3.0"),
    ("Why is the area six", "because two times three", "4.0"),
    ("because two times three", "I agree with her", "1.0"),
    ("Okay", "yes", "0.0"),
]
UPTAKE = (
    "obs_id,exchange_idx,student_text,teacher_text,student_on_task,student_on_task_majority,"
    "teacher_on_task,uptake,uptake_zscore\n"
)
FOCUSING = (
    "uidx,obs_id,exchange_idx,student_text,teacher_text,follow_up_unfiltered_zscore,"
    "follow_up_filtered_zscore\n"
)


def write_talk(folder: Path, times: int = 1) -> Path:
    """Write all three sets into a folder, each row so many times, and return the folder."""
    for name in ("talkmoves", "uptake", "funneling_focusing"):
        (folder / name).mkdir(parents=True)
    with gzip.open(folder / "talkmoves" / "test_teacher.tsv.gz", "wt", encoding="utf-8") as file:
        _write_rows(csv.writer(file, delimiter="\t"), TEACHER * times)
    with (folder / "talkmoves" / "test_student.tsv").open("w", encoding="utf-8") as file:
        _write_rows(csv.writer(file, delimiter="\t"), STUDENT * times)
    rows = [
        f"{row},1,I got {row} for the area,{'So you got ' + str(row) if row % 2 else 'Sit down'}."
        for row in range(8 * times)
    ]
    uptake = "".join(f"{row},1,{n % 4 > 0:d},1,{n % 2},{n % 2}.5\n" for n, row in enumerate(rows))
    (folder / "uptake" / "uptake.csv").write_text(UPTAKE + uptake, "utf-8")
    focusing = "".join(
        f"{n}_1,{row},{n % 2}.25,{'0.5' if n % 2 else ''}\n" for n, row in enumerate(rows)
    )
    (folder / "funneling_focusing" / "focusing.csv").write_text(FOCUSING + focusing, "utf-8")
    return folder


def _write_rows(writer: object, rows: list[tuple[str, str, str]]) -> None:
    writer.writerows([("text_a", "text_b", "labels"), *rows])  # type: ignore[attr-defined]
