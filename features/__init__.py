"""Pure functions from events, frames and text to arrays: no I/O, no Ray, no clock."""
