"""What all that is counted has in common."""

import dataclasses
import pathlib
import platform

from .thresholds import Allowance

HERE = pathlib.Path(__file__).resolve().parent
COUNTER = HERE / ".build/allocations.so"


@dataclasses.dataclass(frozen=True)
class Programs:
    tokencast: pathlib.Path
    parsing: pathlib.Path


class Subject:
    """A kind of figure, with a file of thresholds, whose first line is `about`."""

    name = ""
    about = ""
    allowance = Allowance()
    # What the figures hold for, where they don't hold everywhere.
    machine = None

    def missing(self):
        """Why it can't be counted on this machine, or None."""
        return None

    def measure(self, programs: Programs) -> tuple[dict, dict]:
        """The figures, and for some of them what they consist of, in words."""
        raise NotImplementedError


def counter_missing():
    """Why allocations can't be counted on this machine, or None."""
    return None if platform.libc_ver()[0] == "glibc" else "the counter of allocations needs the GNU C library"
