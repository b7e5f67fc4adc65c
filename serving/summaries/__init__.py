"""Summaries after lessons: read from the ledger, written, kept in it, and read by who may."""
