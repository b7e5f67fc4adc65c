"""A lesson as it is read for a summary: its material from events, and cues in what was said."""
