"""A tenant's record as Parquet files that analysts and training read, and DuckDB over them."""

from lessons.exports.exporter import Exported, Exporter
from lessons.exports.views import VIEWS, open_export

__all__ = ["VIEWS", "Exported", "Exporter", "open_export"]
