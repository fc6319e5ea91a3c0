"""What all servers that are measured have in common."""

import pathlib
import socket
import time

from ..process import Failure, Process, cpu_seconds, family, filled_bytes, resident_bytes


class Server:
    """A peer that runs."""

    def __init__(self, port, process=None):
        self.port = port
        self.process = process
        self.start_ms = (time.monotonic() - process.started) * 1e3 if process else None

    @property
    def target(self):
        return f"127.0.0.1:{self.port}"

    def cpu(self):
        return cpu_seconds(family(self.process.pid)) if self.process else 0.0

    def resident(self):
        return resident_bytes(family(self.process.pid)) if self.process else 0

    def filled(self):
        return filled_bytes(family(self.process.pid)) if self.process else 0

    def stop(self):
        if self.process:
            self.process.stop()


class Peer:
    """Something that can be started. `name` is what the table shows; `missing` says why it can't be measured, or None."""

    name = ""
    missing = None
    # How much longer than others it may take.
    patience = 1

    def start(self, directory: pathlib.Path, upstream_port: int, connections: int) -> Server:
        raise NotImplementedError

    def subscription(self, transport):
        """The load generator's options for a channel of this peer."""
        return ["--subscribe", "/channels/bench", "--channel", "bench", "--transport", transport]

    def version(self):
        return None

    def faults(self, directory: pathlib.Path) -> dict:
        """What this peer left undone of its work, counted by kind; asked once it has stopped."""
        return {}


class Direct(Peer):
    """No proxy at all: what upstream and load generator take by themselves."""

    name = "direct"

    def start(self, directory, upstream_port, connections):
        return Server(upstream_port)


def start_on_free_port(begin, is_ready, timeout=10):
    """`begin(port)` starts a process that listens there; it is ready when `is_ready(port)` is true or raises no OSError."""
    for attempt in range(3):
        port = free_port()
        process = begin(port)
        deadline = time.monotonic() + timeout
        while process.alive and time.monotonic() < deadline:
            try:
                if is_ready(port):
                    return Server(port, process)
            except OSError:
                pass
            time.sleep(0.002)
        # Somebody else may have taken the port between its choice and the server's start.
        words = process.last_words()
        process.stop()
    raise Failure(f"did not start: {words}")


def accepts(port):
    socket.create_connection(("127.0.0.1", port), 1).close()
    return True


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
