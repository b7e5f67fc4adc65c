"""Caption engines behind one interface."""
