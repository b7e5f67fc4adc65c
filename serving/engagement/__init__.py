"""Engagement, live: follows lessons, judges their learners every five seconds, says so in time."""
