"""The launcher of Lectern; the code lies in the root packages (`serving`, `lessons`, ...)."""
