"""What every HTTP interface of Lectern shares: who calls, problems, services, streams."""
