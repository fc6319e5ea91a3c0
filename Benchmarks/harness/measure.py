"""One measurement: start the peer, prepare the load, let it run, stop both."""

import json
import pathlib
import statistics
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
    if scenario.mode == "start":
        return _starts(scenario, peer, upstream_port, directory)
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


def _starts(scenario, peer, upstream_port, directory):
    took = []
    for number in range(scenario.starts):
        own = directory / str(number)
        own.mkdir()
        server = peer.start(own, upstream_port, 1)
        server.stop()
        took.append(server.start_ms)
    return {"start_ms": statistics.median(took), "slowest_start_ms": max(took)}


def _under_load(scenario, peer, server, load_binary, directory):
    deadline = scenario.deadline * peer.patience
    mode = "proxy" if scenario.mode == "log" else scenario.mode
    arguments = [load_binary, mode, "--gate", "--target", server.target, "--deadline", deadline, *scenario.load]
    if mode == "fanout":
        arguments += peer.subscription(scenario.transport)
    # Peers that fork are ready before all of them is there.
    time.sleep(0.3)
    idle, empty = server.resident(), server.filled()
    load = Process(arguments, directory, talk=True)
    extra = {}
    try:
        # The load generator keeps its own deadline in each phase; ours only catches one that hangs.
        load.line(deadline + 5)
        ready = server.filled()
        before = server.cpu()
        load.tell()
        if scenario.mode == "log":
            extra = _log(scenario, peer, server, ready)
        result = json.loads(load.line(deadline + 10))
        spent = server.cpu() - before
        if server.process and not server.process.alive:
            raise Failure(f"the server ended: {server.process.last_words()}")
        load.tell()
    finally:
        load.stop()
    figures = _figures(scenario, server, result, idle, ready - empty, spent) | extra
    if scenario.mode == "log":
        figures["log_ratio"] = figures["log_bytes"] / result["bytes"]
    return figures


def _log(scenario, peer, server, ready):
    """What the server has grown by, once it has all tokens and while all streams still run."""
    began = time.monotonic()
    tokens = int(scenario.load[scenario.load.index("--tokens") + 1])
    # Each connection has had a stream of one token before.
    wanted = scenario.connections * (tokens + 1)
    time.sleep(scenario.length)
    while peer.tokens(server) < wanted:
        if time.monotonic() - began > scenario.length + 4:
            raise Failure("the tokens did not come in time")
        time.sleep(0.1)
    grown = server.filled() - ready
    if not peer.has_all(server):
        raise Failure("the log was trimmed")
    return {"log_bytes": grown}


def _figures(scenario, server, result, idle, grown, spent):
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
        figures["kib_per_subscriber"] = grown / 1024 / scenario.connections
    if scenario.shows_latency:
        for name in ("p50", "p90", "p99", "p999"):
            figures[f"{name}_us"] = result["latency_us"][name]
    if "first_us" in result and (scenario.shows_latency or scenario.mode == "ttft"):
        figures["first_p50_us"] = result["first_us"]["p50"]
        figures["first_p90_us"] = result["first_us"]["p90"]
    return figures
