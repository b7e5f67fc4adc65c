"""Summaries of lessons: a writer claims, a verifier keeps what the record supports."""
