"""The conditions under which the figures came about."""

import os
import pathlib
import platform
import re
import resource

from .peers import first_line


def raise_file_limit():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def conditions(peers, rounds):
    model = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return {
        "processor": model[1] if model else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "memory_gb": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9, 1),
        "compiler": first_line([os.environ.get("CC", "cc"), "--version"]),
        "versions": {peer.name: peer.version() for peer in peers if not peer.missing and peer.version()},
        "rounds": rounds,
        "load_average": [load_average()],
    }


def load_average():
    return pathlib.Path("/proc/loadavg").read_text().split()[0]


def describe(found):
    versions = ", ".join(found["versions"].values())
    rounds = f"{found['rounds']} round{'s' if found['rounds'] > 1 else ''}"
    return (
        f"{found['processor']}, {found['cores']} cores, {found['memory_gb']} GB, Linux {found['kernel']}; {versions}; "
        f"load generator and upstream on the same machine ({found['compiler']}); "
        f"{rounds}, medians [lowest–highest], ratios paired by round; "
        f"load average {' → '.join(found['load_average'])}"
    )
