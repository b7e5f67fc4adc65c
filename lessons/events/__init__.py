"""Typed, versioned learning events: CloudEvents 1.0 on the wire."""
