"""The launcher of Lectern; the code lies in the root packages (`serving`, `lessons`, ...)."""

__version__ = "0.1.0"
