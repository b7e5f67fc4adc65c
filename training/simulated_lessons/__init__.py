"""Simulated lessons whose truth is known: programs of behaviour, and no claim about any person."""
