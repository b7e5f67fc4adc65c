"""Numbers of what a camera sees of a learner: presence, facing, motion. Pure, and never emotion."""
