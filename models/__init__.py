"""Features in, predictions out. No Ray."""
