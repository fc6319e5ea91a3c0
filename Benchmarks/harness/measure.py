"""One measurement: start the peer, prepare the load, let it run, stop both."""

import json
import pathlib
import tempfile
import time

from .process import Failure, Process

# Counters of the load generator that must all be zero.
FAULTS = ("missed", "doubled", "foreign", "differing", "failed", "refused", "unended", "unfinished")


def measure(scenario, peer, upstream_port, load_binary, place):
    """The figures of one run as a dictionary; raises Failure where there are none.

    Nothing below `place` is deleted before all is measured: ext4 takes its time with new files for minutes after others went.
    """
    directory = pathlib.Path(tempfile.mkdtemp(dir=place))
    (directory / "server").mkdir()
    server = peer.start(directory / "server", upstream_port, scenario.connections)
    try:
        if scenario.mode == "idle":
            time.sleep(1)
            return {"idle_mb": server.resident() / 1e6, "start_ms": server.start_ms}
        figures = _under_load(scenario, peer, server, load_binary, directory)
    finally:
        server.stop()
    figures["faults"] |= peer.faults(directory / "server")
    return figures


def _under_load(scenario, peer, server, load_binary, directory):
    arguments = [load_binary, scenario.mode, "--gate", "--target", server.target, "--deadline", scenario.deadline]
    arguments += scenario.load
    if scenario.mode == "fanout":
        arguments += peer.subscription(scenario.transport)
    # Peers that fork are ready before all of them is there.
    time.sleep(0.3)
    idle = server.resident()
    load = Process(arguments, directory, talk=True)
    try:
        # The load generator keeps its own deadline in each phase; ours only catches one that hangs.
        load.line(scenario.deadline + 5)
        ready = server.resident()
        before = server.cpu()
        load.tell()
        result = json.loads(load.line(scenario.deadline + 10))
        spent = server.cpu() - before
        if server.process and not server.process.alive:
            raise Failure(f"the server ended: {server.process.last_words()}")
        load.tell()
    finally:
        load.stop()
    return _figures(scenario, server, result, idle, ready, spent)


def _figures(scenario, server, result, idle, ready, spent):
    figures = {
        "count": result["count"],
        "seconds": result["seconds"],
        "faults": {fault: result[fault] for fault in FAULTS if result.get(fault)},
        "why": result["why"],
    }
    if result["count"] == 0:
        raise Failure(f"nothing came through: {result['why'] or figures['faults']}")
    if server.process:
        figures["cpu_us"] = spent / result["count"] * 1e6
        figures["idle_mb"] = idle / 1e6
    if "events" in result:
        # Below the count where a peer put several tokens into one event.
        figures["events"] = result["events"]
        figures["kb_per_subscriber"] = (ready - idle) / 1e3 / scenario.connections
    if scenario.shows_latency:
        figures["p50_us"] = result["latency_us"]["p50"]
        figures["p99_us"] = result["latency_us"]["p99"]
    if "first_us" in result and (scenario.shows_latency or scenario.mode == "ttft"):
        figures["first_p50_us"] = result["first_us"]["p50"]
        figures["first_p90_us"] = result["first_us"]["p90"]
    return figures
