"""What an operator sees of running processes: metrics, traces and logs, without learner text."""
