"""The record on PostgreSQL: ledger, lessons, tracks, workers, feed."""
