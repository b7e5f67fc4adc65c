"""Live notes: what is read out of a lesson while it goes on, told as it can be known."""
