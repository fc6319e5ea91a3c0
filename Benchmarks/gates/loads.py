"""Loads on a server whose work is counted, each small, steady and the same every time.

A load runs twice on the same server, short and long. What the long one took more, divided by what it delivered more, is the
figure: starting, connecting and ending cancel out.
"""

import dataclasses
import json
import pathlib
import re
import tempfile

from harness.measure import FAULTS
from harness.process import Failure, Process

DEADLINE = 60


@dataclasses.dataclass(frozen=True)
class Load:
    """`unit` is what is divided by: tokens, deliveries or exchanges that arrived."""

    name: str
    unit: str
    mode: str
    options: dict
    # The option that makes it long, and its two values.
    lengthened_by: str
    short: int
    long: int

    def arguments(self, length):
        options = self.options | {self.lengthened_by: length}
        if self.mode == "fanout":
            # A channel of its own: who joins another gets what was published there before.
            options |= {"channel": f"gate-{length}", "subscribe": f"/channels/gate-{length}"}
        return [self.mode, *(text for name, value in options.items() for text in (f"--{name}", str(value)))]

    def units(self, result):
        """How many of them the load generator saw."""
        return result["replies" if self.unit == "exchange" else "count"]

    @property
    def figure(self):
        return f"{self.name}, per {self.unit}"


def paced(rate, short, long):
    """Each token comes alone, to a server that is at rest."""
    options = {"connections": 1, "requests": 1, "rate": rate}
    return Load("one paced stream", "token", "proxy", options, "tokens", short, long)


def burst(short, long):
    options = {"connections": 1, "requests": 1, "rate": 0}
    return Load("one stream as fast as it goes", "token", "proxy", options, "tokens", short, long)


def exchanges(short, long):
    """Short answers, one after another on one connection."""
    return Load("answers of one token", "exchange", "ttft", {"tokens": 1}, "requests", short, long)


def fanout(transport, subscribers, rate, short, long):
    spoken = {"sse": "SSE", "ws": "WebSocket"}[transport]
    options = {"transport": transport, "subscribers": subscribers, "rate": rate}
    return Load(f"{subscribers} subscribers by {spoken}", "delivery", "fanout", options, "tokens", short, long)


class Bench:
    """The upstream and the load generator, for servers that come and go."""

    def __init__(self, benchmarks: pathlib.Path):
        self._programs = benchmarks / ".build"
        self._directory = tempfile.TemporaryDirectory(prefix="tokencast-gate-")
        self.place = pathlib.Path(self._directory.name)
        self._upstream = Process([self._programs / "upstream", "--port", "0"], self.place)
        try:
            self._port = int(self._upstream.logged(lambda log: re.match(r"(\d+)\n", log))[1])
        except Failure:
            self.close()
            raise

    def close(self):
        self._upstream.stop()
        self._directory.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def serve(self, program, prefix=()):
        """Starts the program behind `prefix`; the server that runs and where it listens."""
        directory = pathlib.Path(tempfile.mkdtemp(dir=self.place))
        upstream = f"http://127.0.0.1:{self._port}"
        server = Process(
            [*prefix, program, "serve", "--port", "0", "--upstream", upstream, "--log-level", "warning"], directory
        )
        try:
            port = server.logged(lambda log: re.search(r"listening on http://[^\s/]*:(\d+)", log))
        except Failure:
            server.stop()
            raise
        return server, f"127.0.0.1:{port[1]}"

    def count(self, load, target, read_counters):
        """What one unit of the load takes, by counter; `read_counters` gives the sums at the moment as a dictionary."""
        spent = {}
        units = {}
        for length in (load.short, load.long):
            spent[length], result = self._run(load, length, target, read_counters)
            units[length] = load.units(result)
        more = units[load.long] - units[load.short]
        if more <= 0:
            raise Failure(f"{load.name}: the longer run brought no more than the short one")
        names = dict.fromkeys([*spent[load.short], *spent[load.long]])
        return {name: (spent[load.long].get(name, 0) - spent[load.short].get(name, 0)) / more for name in names}

    def _run(self, load, length, target, read_counters):
        arguments = [self._programs / "load", *load.arguments(length), "--gate", "--target", target, "--deadline", DEADLINE]
        generator = Process(arguments, self.place, talk=True)
        try:
            generator.line(DEADLINE + 5)
            before = read_counters()
            generator.tell()
            result = json.loads(generator.line(DEADLINE + 10))
            after = read_counters()
            generator.tell()
        finally:
            generator.stop()
        faults = {fault: result[fault] for fault in FAULTS if result.get(fault)}
        if faults:
            raise Failure(f"{load.name}: {faults} {result['why']}")
        return {name: after[name] - before.get(name, 0) for name in after}, result
