"""What the learner's record is put together to: the progress of one, the briefing of a lesson."""
