"""What a stream's chunk takes, dialect by dialect."""

import json
import pathlib
import platform
import re
import shutil
import subprocess
import tempfile

from harness.process import Failure

from .subject import COUNTER, Subject, counter_missing
from .thresholds import Allowance


class ParserAllocations(Subject):
    name = "parser-allocations"
    about = (
        "Calls of malloc and its kin for one chunk of a stream, with its batch, fold and logs: "
        "each chunk a turn of its own (alone), and 64 chunks in a turn (burst)."
    )
    allowance = Allowance(share=0.02, amount=0.02)

    def missing(self):
        return counter_missing()

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
