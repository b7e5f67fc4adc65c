"""Sentences as vectors of unit length: near ones mean nearly the same."""
