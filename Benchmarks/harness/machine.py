"""The conditions under which the figures came about."""

import datetime
import os
import pathlib
import platform
import re
import resource

from .process import cpu_seconds, family, first_line

# Above this share of all processors, other programs' work shows in the figures.
BUSY = 0.05


def raise_file_limit():
    """To the hard limit, which it returns."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard if hard != resource.RLIM_INFINITY else 1 << 30


def conditions(peers, options):
    model = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return {
        "date": datetime.date.today().isoformat(),
        "processor": model[1] if model else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "memory_gb": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9, 1),
        "compiler": first_line([os.environ.get("CC", "cc"), "--version"]),
        "versions": list(dict.fromkeys(peer.version() for peer in peers if not peer.missing and peer.version())),
        "descriptors": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        "options": options,
        "rounds": 0,
        "load_average": [load_average()],
        # By round: shares of all processors.
        "others": [],
        "stolen": [],
    }


def load_average():
    return pathlib.Path("/proc/loadavg").read_text().split()[0]


class Watch:
    """What share of the processors others take: other programs, and (stolen) the host of a virtual machine."""

    def __init__(self, helpers):
        """`helpers` are children of ours that run on; those that ended are ours too."""
        self._helpers = helpers
        self._before = self._now()

    def shares(self):
        """Since the last call."""
        now = self._now()
        elapsed, busy, own, stolen = (after - before for after, before in zip(now, self._before))
        self._before = now
        elapsed = max(elapsed, 0.01)
        return max(0.0, busy - own) / elapsed, stolen / elapsed

    def _now(self):
        ticks = os.sysconf("SC_CLK_TCK")
        fields = [int(field) / ticks for field in pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
        user, nice, system, _, _, _, _, stolen = fields
        own = sum(os.times()[:4]) + cpu_seconds([pid for helper in self._helpers for pid in family(helper)])
        # Interrupts are left out: they are nobody's.
        return sum(fields), user + nice + system, own, stolen


def warning(found):
    """What to say where the figures are rough, or None."""
    others, stolen = max(found["others"], default=0), max(found["stolen"], default=0)
    said = []
    if others > BUSY:
        said.append(f"other programs took up to {others:.0%} of the processors")
    if stolen > BUSY:
        said.append(f"the host withheld up to {stolen:.0%} of the processors")
    return f"The machine was busy: {' and '.join(said)}. These figures are rough." if said else None


def describe(found):
    rounds = f"{found['rounds']} round{'s' if found['rounds'] > 1 else ''}"
    others = ", ".join(f"{share:.0%}" for share in found["others"])
    return (
        f"{found['processor']}, {found['cores']} cores, {found['memory_gb']} GB, Linux {found['kernel']}; "
        f"{', '.join(found['versions'])}; load generator and upstream on the same machine ({found['compiler']}); "
        f"{found['descriptors']:,} descriptors; {rounds}, medians [lowest–highest], ratios paired by round; "
        f"load average {' → '.join(found['load_average'])}; other programs' share of the processors, by round: {others}; "
        f"`{found['options']}`"
    )
