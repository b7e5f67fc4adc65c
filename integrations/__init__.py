"""Adapters between Lectern's record and other systems. Imports only `lessons`."""
