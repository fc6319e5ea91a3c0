"""Child processes that end with us, and what they cost."""

import ctypes
import os
import pathlib
import re
import select
import shutil
import signal
import subprocess
import time

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


class Failure(Exception):
    """A peer or a measurement that did not work out; the run goes on without it."""


def _end_with_parent():
    # Should this script be killed, its children get SIGTERM: nothing may stay behind.
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Process:
    """A child whose standard output and error go to one log file, or (with `talk`) whose output is read line by line."""

    def __init__(self, arguments, directory: pathlib.Path, talk=False, environment=None):
        self.log = directory / (pathlib.Path(arguments[0]).name + ".log")
        self._buffer = b""
        self.started = time.monotonic()
        with open(self.log, "ab") as log:
            self._child = subprocess.Popen(
                [str(argument) for argument in arguments],
                cwd=directory,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if talk else log,
                stderr=log,
                preexec_fn=_end_with_parent,
            )
        self.pid = self._child.pid

    @property
    def alive(self):
        return self._child.poll() is None

    def logged(self, accept, timeout=20.0):
        """Waits until `accept`, given the log so far, returns something, and returns it."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            found = accept(self.log.read_text(errors="replace"))
            if found:
                return found
            if not self.alive:
                break
            time.sleep(0.001)
        raise Failure(f"did not start: {self.last_words()}")

    def last_words(self):
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return " / ".join(lines[-3:])[-300:] or "no output"

    def line(self, timeout):
        """The next line of its output (with `talk`)."""
        deadline = time.monotonic() + timeout
        output = self._child.stdout
        while b"\n" not in self._buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([output], [], [], left)[0]:
                raise Failure("no answer in time")
            some = os.read(output.fileno(), 65536)
            if not some:
                raise Failure(f"ended: {self.last_words()}")
            self._buffer += some
        line, self._buffer = self._buffer.split(b"\n", 1)
        return line.decode(errors="replace")

    def tell(self):
        try:
            self._child.stdin.write(b"\n")
            self._child.stdin.flush()
        except BrokenPipeError:
            raise Failure(f"ended: {self.last_words()}") from None

    def stop(self, timeout=5.0):
        for stream in (self._child.stdin, self._child.stdout):
            if stream is not None:
                try:
                    stream.close()
                except BrokenPipeError:
                    pass
        if self.alive:
            self._child.terminate()
        try:
            self._child.wait(timeout)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()


def family(pid):
    """A process and all its descendants."""
    found = [pid]
    for one in found:
        try:
            for task in os.listdir(f"/proc/{one}/task"):
                children = pathlib.Path(f"/proc/{one}/task/{task}/children").read_text()
                found.extend(int(child) for child in children.split())
        except OSError:
            continue
    return found


def cpu_seconds(pids):
    """User and system time of all threads of these processes.

    The kernel's clock of a process counts the same time as utime + stime of /proc/PID/stat, in nanoseconds rather than in
    ticks of 10 ms; the clock's number is what clock_getcpuclockid(3) gives.
    """
    total = 0.0
    for pid in pids:
        try:
            total += time.clock_gettime((~pid << 3) | 2)
        except OSError:
            total += _cpu_seconds_in_ticks(pid)
    return total


def _cpu_seconds_in_ticks(pid):
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pids):
    total = 0
    for pid in pids:
        try:
            total += int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except OSError:
            continue
    return total


def filled_bytes(pids):
    """What they have filled themselves: pages of code come in as they are first used, whoever is served by that."""
    total = 0
    for pid in pids:
        try:
            status = pathlib.Path(f"/proc/{pid}/status").read_text()
        except OSError:
            continue
        total += sum(int(size) * 1024 for size in re.findall(r"^Rss(?:Anon|Shmem):\s+(\d+) kB", status, re.MULTILINE))
    return total


def first_line(arguments):
    try:
        done = subprocess.run([str(argument) for argument in arguments], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = (done.stdout + done.stderr).strip().splitlines()
    return lines[0] if done.returncode == 0 and lines else ""


def find_program(name):
    """Where it is, also where only root's PATH has it; None where it isn't."""
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
