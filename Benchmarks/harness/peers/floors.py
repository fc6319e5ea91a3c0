"""The C programs of this directory that do nothing but what nobody can do without."""

import re

from ..process import Process, first_line
from .base import Peer, Server


class Floor(Peer):
    """Fan-out: one write per delivery."""

    name = "C floor"

    def __init__(self, binary):
        self._binary = binary

    def start(self, directory, upstream_port, connections):
        return _start([self._binary, "--port", "0"], directory)


class Relay(Peer):
    """Proxying: one wait, read and write per piece."""

    name = "C relay"

    def __init__(self, binary):
        self._binary = binary

    def start(self, directory, upstream_port, connections):
        return _start([self._binary, "--port", "0", "--target", f"127.0.0.1:{upstream_port}"], directory)


class LibcurlRelay(Relay):
    """Proxying by libcurl: what comes from its write callbacks, and one write a turn."""

    name = "libcurl relay"

    def version(self):
        return first_line([self._binary, "--version"])


def _start(arguments, directory):
    process = Process(arguments, directory)
    return Server(int(process.logged(lambda log: re.match(r"(\d+)\n", log))[1]), process)
