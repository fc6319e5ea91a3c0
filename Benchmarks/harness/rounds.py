"""All rounds: every peer gets every load once in each."""

import pathlib
import re
import sys
import tempfile
import time

from . import machine
from .measure import measure
from .process import Failure, Process


def run(rows, by_name, count, conditions, built):
    """Fills in the rows' rounds."""
    chosen = list(dict.fromkeys(row.scenario for row in rows))
    with tempfile.TemporaryDirectory(prefix="tokencast-bench-") as directory:
        upstream = Process([built / "upstream", "--port", "0"], pathlib.Path(directory))
        try:
            port = int(upstream.logged(lambda log: re.match(r"(\d+)\n", log))[1])
            watch = machine.Watch([upstream.pid])
            for number in range(count):
                for scenario in chosen:
                    mine = [row for row in rows if row.scenario is scenario]
                    turn = number % len(mine)
                    for row in mine[turn:] + mine[:turn]:
                        _measure(row, number, by_name[row.peer], port, built / "load", directory)
                others, stolen = watch.shares()
                conditions["others"].append(round(others, 3))
                conditions["stolen"].append(round(stolen, 3))
                conditions["load_average"].append(machine.load_average())
                conditions["rounds"] = number + 1
                if others > machine.BUSY:
                    note(f"round {number + 1}: other programs took {others:.0%} of the processors; these figures are rough")
        finally:
            upstream.stop()


def _measure(row, number, peer, upstream_port, load, place):
    began = time.monotonic()
    try:
        figures = measure(row.scenario, peer, upstream_port, load, place)
        row.rounds[number] = figures
        metric = row.scenario.metric
        outcome = f"{metric} {figures[metric]:.2f}" if metric in figures else "done"
        if figures.get("faults"):
            outcome += f", {figures['faults']} {figures['why']}"
    except Failure as failure:
        row.failures.append(f"round {number + 1}: {failure}")
        outcome = str(failure)
    note(f"round {number + 1}, {row.scenario.title}, {peer.name}: {outcome} ({time.monotonic() - began:.1f} s)")


def note(text):
    print(text, file=sys.stderr, flush=True)
