"""Talk moves of those who teach and learn, uptake, focusing questions, and what is on task."""
