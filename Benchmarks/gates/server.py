"""What the server takes for a token, a delivery and an exchange."""

import pathlib
import re
import shutil
import struct
import subprocess
import tempfile

from . import loads
from .subject import COUNTER, HERE, Subject, counter_missing
from .thresholds import Allowance


class ServerSubject(Subject):
    """Something that is counted of a server under several loads, each on a server of its own."""

    loads = ()

    def watch(self, place):
        """What the server's command is put behind, and what reads the counts so far, by name."""
        raise NotImplementedError

    def sum_up(self, found):
        """The figure that a load's counts are, and in words what it consists of."""
        raise NotImplementedError

    def measure(self, programs):
        figures, notes = {}, {}
        with loads.Bench(HERE.parent) as bench:
            for load in self.loads:
                prefix, read = self.watch(bench.place)
                server, target = bench.serve(programs.tokencast, prefix)
                try:
                    found = bench.count(load, target, read)
                finally:
                    server.stop()
                figures[load.figure], notes[load.figure] = self.sum_up(found)
        return figures, notes


class Allocations(ServerSubject):
    name = "allocations"
    about = "Calls of malloc and its kin, of the whole server in release."
    # A few per cent come and go with the sizes of reads. A delivery has no allocation of its own: a share of that is little.
    allowance = Allowance(share=0.05, amount=0.005)
    loads = (
        loads.paced(rate=200, short=100, long=500),
        loads.burst(short=4000, long=20000),
        loads.exchanges(short=100, long=500),
        loads.fanout("sse", 1000, rate=40, short=20, long=80),
        loads.fanout("ws", 1000, rate=40, short=20, long=80),
    )

    def missing(self):
        return counter_missing()

    def watch(self, place):
        file = place / "allocations"
        file.write_bytes(bytes(16))
        prefix = ["env", f"LD_PRELOAD={COUNTER}", f"ALLOCATIONS_FILE={file}", "SWIFT_DETERMINISTIC_HASHING=1"]
        return prefix, lambda: counters(file)

    def sum_up(self, found):
        return found["calls"], f"{found['bytes']:.0f} bytes"


def counters(file):
    return dict(zip(("calls", "bytes"), struct.unpack("=QQ", file.read_bytes())))


class SystemCalls(ServerSubject):
    name = "system-calls"
    about = "System calls of the whole server in release."
    # The loop's own timers are in it, and how much of a burst a read finds.
    allowance = Allowance(share=0.05, amount=0.02)
    loads = (
        loads.paced(rate=100, short=50, long=250),
        loads.burst(short=4000, long=20000),
        loads.exchanges(short=50, long=250),
        # So few a second that the slowed server never puts two tokens into one event.
        loads.fanout("sse", 100, rate=10, short=10, long=30),
        loads.fanout("ws", 100, rate=10, short=10, long=30),
    )

    def missing(self):
        if shutil.which("strace") is None:
            return "strace is not installed"
        with tempfile.TemporaryDirectory() as directory:
            file = pathlib.Path(directory) / "trace"
            # Where it may not trace, the program may run all the same, and well.
            tried = subprocess.run(trace(file) + ["true"], capture_output=True, text=True)
            traced = file.exists() and Trace(file).calls()
        return None if traced else f"strace can't trace here: {' / '.join(tried.stderr.split(chr(10))).strip(' /')}"

    def watch(self, place):
        file = place / "trace"
        file.unlink(missing_ok=True)
        return trace(file), Trace(file).calls

    def sum_up(self, found):
        return sum(found.values()), parts(found)


def trace(file):
    """The tracer is no parent of what it traces, so that the server's process is ours."""
    return ["strace", "-D", "-f", "-qq", "-e", "raw=all", "-e", "signal=none", "-o", file]


class Trace:
    """Counts the calls in strace's file, by name, reading on from where it stopped."""

    _call = re.compile(rb"^\d+ +(\w+)\(", re.MULTILINE)

    def __init__(self, file):
        self._file = file
        self._read = 0
        self._counts = {}

    def calls(self):
        with open(self._file, "rb") as file:
            file.seek(self._read)
            text = file.read()
        whole = text[: text.rfind(b"\n") + 1]
        self._read += len(whole)
        for name in self._call.findall(whole):
            self._counts[name.decode()] = self._counts.get(name.decode(), 0) + 1
        return dict(self._counts)


def parts(found):
    """The greatest of them, in words."""
    ordered = sorted(found.items(), key=lambda item: -item[1])
    return ", ".join(f"{name} {value:.2f}" for name, value in ordered[:6] if value >= 0.005)
