"""Recaps at work: kept up with summaries and consent, delivered to guardians, read and decided."""
