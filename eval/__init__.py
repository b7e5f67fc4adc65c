"""Benchmarks: accuracy, latency, capacity, overhead."""
