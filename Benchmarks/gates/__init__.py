"""Counts that hardly depend on the machine or the hour, held against Benchmarks/Thresholds."""
