"""Mastery of an objective from a learner's answers, with its uncertainty."""
