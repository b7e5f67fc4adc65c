"""Parts of a lesson: where they begin and end, what they are, and which problem they are about."""
