"""What is counted, and with what."""

import dataclasses
import json
import pathlib
import platform
import re
import shutil
import struct
import subprocess
import tempfile

from harness.process import Failure

from . import loads
from .thresholds import Allowance

HERE = pathlib.Path(__file__).resolve().parent
COUNTER = HERE / ".build/allocations.so"


@dataclasses.dataclass(frozen=True)
class Programs:
    tokencast: pathlib.Path
    parsing: pathlib.Path


class Subject:
    """A kind of figure, with a file of thresholds. `about` is the file's first line; `missing` says why it can't be counted here."""

    name = ""
    about = ""
    allowance = Allowance()
    # What the figures hold for, where they don't hold everywhere.
    machine = None

    def missing(self):
        return None

    def measure(self, programs: Programs) -> tuple[dict, dict]:
        """The figures, and for some of them what they consist of, in words."""
        raise NotImplementedError


class Allocations(Subject):
    name = "allocations"
    about = "Calls of malloc and its kin, of the whole server in release."
    # A few per cent come and go with the sizes of reads; a thousandth of an allocation is noise.
    allowance = Allowance(share=0.05, amount=0.02)
    loads = (
        loads.paced(rate=200, short=100, long=500),
        loads.burst(short=4000, long=20000),
        loads.exchanges(short=100, long=500),
        loads.fanout("sse", 1000, rate=40, short=20, long=80),
        loads.fanout("ws", 1000, rate=40, short=20, long=80),
    )

    def missing(self):
        return None if platform.libc_ver()[0] == "glibc" else "the counter needs the GNU C library"

    def measure(self, programs):
        figures, notes = {}, {}
        with loads.Bench(HERE.parent) as bench:
            for load in self.loads:
                file = bench.place / "allocations"
                file.write_bytes(bytes(16))
                prefix = ["env", f"LD_PRELOAD={COUNTER}", f"ALLOCATIONS_FILE={file}", "SWIFT_DETERMINISTIC_HASHING=1"]
                server, target = bench.serve(programs.tokencast, prefix)
                try:
                    found = bench.count(load, target, lambda: dict(zip(("calls", "bytes"), struct.unpack("=QQ", file.read_bytes()))))
                finally:
                    server.stop()
                figures[load.figure] = found["calls"]
                notes[load.figure] = f"{found['bytes']:.0f} bytes"
        return figures, notes


class SystemCalls(Subject):
    name = "system-calls"
    about = "System calls of the whole server in release."
    allowance = Allowance(share=0.05, amount=0.05)
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
            tried = subprocess.run(trace(pathlib.Path(directory) / "trace") + ["true"], capture_output=True, text=True)
        return f"strace can't trace here: {tried.stderr.strip()}" if tried.returncode != 0 else None

    def measure(self, programs):
        figures, notes = {}, {}
        with loads.Bench(HERE.parent) as bench:
            for load in self.loads:
                file = bench.place / "trace"
                file.unlink(missing_ok=True)
                server, target = bench.serve(programs.tokencast, trace(file))
                try:
                    found = bench.count(load, target, Trace(file).calls)
                finally:
                    server.stop()
                figures[load.figure] = sum(found.values())
                notes[load.figure] = parts(found)
        return figures, notes


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


class ParserAllocations(Subject):
    name = "parser-allocations"
    about = (
        "Calls of malloc and its kin for one chunk of a stream, with its batch, fold and logs: "
        "each chunk a turn of its own (alone), and 64 chunks in a turn (burst)."
    )
    allowance = Allowance(share=0.02, amount=0.02)

    missing = Allocations.missing

    def measure(self, programs):
        rows = parsing(programs.parsing, ["env", f"LD_PRELOAD={COUNTER}", "SWIFT_DETERMINISTIC_HASHING=1"], tokens=2048)
        return {f"{row['name']}, {way}": row[way]["allocations"] for row in rows for way in ("alone", "burst")}, {}


class Instructions(Subject):
    name = "instructions"
    about = (
        "Instructions for one chunk of a stream, with its batch, fold and logs, counted by callgrind: "
        "each chunk a turn of its own (alone), and 64 chunks in a turn (burst)."
    )
    # Another processor means other variants of memcpy.
    allowance = Allowance(share=0.05)
    machine = platform.machine()
    tokens = 512

    def missing(self):
        return next((f"{tool} is not installed" for tool in ("valgrind", "strip") if shutil.which(tool) is None), None)

    def measure(self, programs):
        with tempfile.TemporaryDirectory() as directory:
            output = pathlib.Path(directory) / "callgrind"
            # Valgrind gives up at debug information that is newer than itself.
            bare = pathlib.Path(directory) / programs.parsing.name
            subprocess.run(["strip", "--strip-debug", "-o", bare, programs.parsing], check=True)
            # The function that reads a stream, in two ways: callgrind heeds but one option for each way of naming it.
            prefix = [
                "env", "SWIFT_DETERMINISTIC_HASHING=1", "valgrind", "--tool=callgrind", f"--callgrind-out-file={output}",
                "--toggle-collect=*7feedAll*", "--dump-after=*feedAll*",
            ]
            rows = parsing(bare, prefix, tokens=self.tokens)
            # One part for each reading of a stream, in their order: a round to warm up, then the one that counts.
            count = 2 * len(rows)
            sums = [total(output.with_name(f"callgrind.{part}")) for part in range(count + 1, 2 * count + 1)]
        return {
            f"{row['name']}, {way}": sums[2 * index + offset] / row["chunks"]
            for index, row in enumerate(rows)
            for way, offset in (("alone", 1), ("burst", 0))
        }, {}


def total(part):
    """The instructions of one part of callgrind's output."""
    try:
        found = re.search(r"^(?:summary|totals): (\d+)", part.read_text(), re.MULTILINE)
    except OSError as error:
        raise Failure(f"callgrind left no {part.name}: {error.strerror}") from None
    if found is None:
        raise Failure(f"{part.name} of callgrind has no sum")
    return int(found[1])


def parsing(program, prefix, tokens):
    """The rows of one counted round of Benchmarks/parsing, without those of other libraries."""
    arguments = [*prefix, program, "--rounds", "1", "--tokens", str(tokens), "--json"]
    done = subprocess.run([str(argument) for argument in arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure(f"{program.name} failed: {' / '.join(done.stderr.strip().splitlines()[-3:])}")
    return [row for row in json.loads(done.stdout)["rows"] if "alone" in row]


SUBJECTS = (Allocations(), SystemCalls(), ParserAllocations(), Instructions())
