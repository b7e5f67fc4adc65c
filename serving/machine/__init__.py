"""`lectern up`: all processes of one machine."""
