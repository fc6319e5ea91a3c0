"""What `Benchmarks/run` is made of: processes, peers, scenarios, one measurement, the table."""
