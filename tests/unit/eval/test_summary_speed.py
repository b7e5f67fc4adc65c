"""What the summaries' benchmark makes of its measurements."""

from __future__ import annotations

from rich.console import Console

from eval.summary_speed import STAGES, Written, table


def written(seconds: float) -> Written:
    return Written(
        seconds=dict.fromkeys(STAGES, seconds),
        cpu_s=7.0,
        bare_s=2.0,
        texts=300,
        events_read=1_000,
        captions=90,
        claims=40,
        base_mib=300.0,
        models_mib=200.0,
        peak_mib=50.0,
        left_mib=5.0,
    )


def test_a_length_is_held_against_its_share_of_a_minute_an_hour() -> None:
    console = Console(width=120, record=True)
    console.print(table({10: written(0.5), 60: written(1.5)}, learners=6))
    rows = [
        [cell.strip() for cell in line.split("│")[1:4]]
        for line in console.export_text().splitlines()
        if "│" in line
    ]
    assert ["end of the lesson to summary.created", "5.0 s", "15.0 s"] in rows
    assert ["share of the limit, 60 s for 60 minutes", "50%", "25%"] in rows
    assert ["work without waiting and loading, to that", "2.00", "6.00"] in rows


def test_work_is_what_is_neither_waiting_nor_loading() -> None:
    one = written(2.0)
    assert one.total_s == 2.0 * len(STAGES)
    assert one.work_s == 2.0 * (len(STAGES) - 2)
