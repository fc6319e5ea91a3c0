"""Rows as a run would have them."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
sys.dont_write_bytecode = True

from harness.rows import Row, add_differences  # noqa: E402
from harness.scenarios import scenarios  # noqa: E402

SCENARIOS = scenarios(quick=False)


def row(key, peer, rounds, word=""):
    """The scenario with that key (and that word in its title), with these figures by round."""
    scenario = next(one for one in SCENARIOS if one.key == key and word in one.title)
    made = Row(scenario, peer)
    made.rounds = dict(enumerate(rounds))
    return made


def costs(key, peer, *values, word=""):
    return row(key, peer, [{"cpu_us": value, "count": 100, "faults": {}} for value in values], word)


def everything(value=1.0):
    """Every scenario with all its peers, every figure the same but what must be larger than the direct way's."""
    rows = []
    for scenario in SCENARIOS:
        for peer in scenario.peers:
            made = Row(scenario, peer)
            latency = value / 2 if peer == "direct" else value
            figures = {name: latency for name in ("first_p50_us", "p50_us", "p90_us", "p99_us", "p999_us")}
            names = ("cpu_us", "idle_mb", "start_ms", "kib_per_subscriber", "log_ratio")
            made.rounds = {0: figures | {name: value for name in names} | {"count": 10, "faults": {}}}
            rows.append(made)
    add_differences(rows)
    return rows


CONDITIONS = {
    "date": "2026-01-02", "processor": "A processor", "cores": 2, "memory_gb": 8.0, "kernel": "6.1", "versions": ["peer 1.0"], "compiler": "cc 12",
    "descriptors": 20_000, "rounds": 3, "load_average": ["0.1", "1.2"], "others": [0.01, 0.02], "stolen": [0.0, 0.0],
    "options": "Benchmarks/run",
}
