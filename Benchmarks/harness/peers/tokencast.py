"""Tokencast, as it comes and with what some loads need."""

import json
import os
import re
import urllib.request

from ..process import Process, first_line
from ..rows import UNRECORDED
from .base import Peer, Server


class Tokencast(Peer):
    name = "Tokencast"
    options = ()

    def __init__(self, binary):
        self._binary = binary
        if binary is None:
            self.missing = "left out"
        elif not os.access(binary, os.X_OK):
            self.missing = "no such program"

    def start(self, directory, upstream_port, connections):
        # The directory is empty, so that no config.json has a say.
        upstream = f"http://127.0.0.1:{upstream_port}"
        process = Process(
            [self._binary, "serve", "--port", "0", "--upstream", upstream, "--log-level", "warning", *self.options], directory
        )
        port = process.logged(lambda log: re.search(r"listening on http://[^\s/]*:(\d+)", log))
        return Server(int(port[1]), process)

    def version(self):
        return first_line([self._binary, "--version"])


class Recording(Tokencast):
    """Tokencast that records all that it relays."""

    name = "recording"
    options = ("--record", "tapes")

    def faults(self, directory):
        tapes = list((directory / "tapes").glob("*.tape.jsonl*"))
        # A caller that leaves at the deadline leaves a tape that is cancelled, and all there.
        cut = sum(not is_whole(tape) for tape in tapes)
        for tape in tapes:
            os.truncate(tape, 0)
        return {UNRECORDED: max(cut, 1)} if cut or not tapes else {}


def is_whole(tape):
    """Whether a tape has its end, and that is the stream's own."""
    with tape.open("rb") as file:
        file.seek(0, os.SEEK_END)
        # The end line holds the whole text once more.
        file.seek(max(0, file.tell() - (1 << 20)))
        end = file.read().rstrip(b"\n").rpartition(b"\n")[2]
    return end.startswith(b'["e",') and b'"reason":"recorder_overflow"' not in end


class Keeping(Tokencast):
    """Tokencast whose logs are never trimmed, for loads that ask what a log takes."""

    name = "Tokencast, all kept"
    # Beside --upstream a file is heeded only where it is named.
    options = ("--config", "config.json")

    def start(self, directory, upstream_port, connections):
        much = {"events": 100_000_000, "bytes": 1 << 40, "totalBytes": 1 << 40, "seconds": 86_400}
        (directory / "config.json").write_text(json.dumps({"retention": much}))
        return super().start(directory, upstream_port, connections)

    def tokens(self, server):
        """How many it has parsed so far."""
        metrics = get(server.port, "/metrics").decode()
        return int(re.search(r"^tokencast_tokens_total (\d+)", metrics, re.MULTILINE)[1])

    def has_all(self, server):
        """Whether the channel of all streams still has its first event."""
        return json.loads(get(server.port, "/channels/all"))["earliest"].endswith("_0000000000")


def get(port, path):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"accept": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as reply:
        return reply.read()
