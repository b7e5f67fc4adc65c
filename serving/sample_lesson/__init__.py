"""The sample lesson: two tracks of speech as Opus, and the script that they speak."""
