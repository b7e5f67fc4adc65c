"""Word error rates that we measured ourselves, published with the engine that they belong to."""

from __future__ import annotations

import json
from importlib.resources import files

from models.captions.interface import MeasuredAccuracy


def measured_accuracy(engine: str, model: str) -> MeasuredAccuracy | None:
    """Return what `eval/word_error_rate.py` measured for this model; None if it never was."""
    table = json.loads(files("models.captions").joinpath("accuracy.json").read_text("utf-8"))
    for row in table["measurements"]:
        if (row["engine"], row["model"]) == (engine, model):
            return MeasuredAccuracy(
                word_error_rate=row["word_error_rate"],
                low=row["low"],
                high=row["high"],
                data=row["data"],
            )
    return None
