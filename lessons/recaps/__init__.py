"""The guardian recap: what it says, how it is labelled, and where it stands by its events."""
