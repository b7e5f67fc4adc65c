"""Commands of the command line that do more than run a process."""
