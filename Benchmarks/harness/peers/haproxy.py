"""haproxy, as a proxy of HTTP."""

from ..process import Process, find_program, first_line
from .base import Peer, accepts, start_on_free_port


class Haproxy(Peer):
    name = "haproxy"

    def __init__(self):
        self._binary = find_program("haproxy")
        if self._binary is None:
            self.missing = "haproxy is not installed"

    def start(self, directory, upstream_port, connections):
        def begin(port):
            (directory / "haproxy.cfg").write_text(_configuration(port, upstream_port, connections))
            # -db: in the foreground, so that its process is the one that was started.
            return Process([self._binary, "-db", "-f", directory / "haproxy.cfg"], directory)

        return start_on_free_port(begin, accepts)

    def version(self):
        words = first_line([self._binary, "-v"]).split()
        return f"haproxy {words[2]}" if len(words) > 2 else "haproxy"


def _configuration(port, upstream_port, connections):
    # It takes two descriptors a connection, and refuses to start where it can't have them.
    most = max(1000, connections + 200)
    return f"""
global
    nbthread 1
    maxconn {most}
defaults
    mode http
    maxconn {most}
    option http-no-delay
    http-reuse always
    timeout connect 5s
    timeout client 600s
    timeout server 600s
    timeout http-keep-alive 600s
listen model
    bind 127.0.0.1:{port} backlog 4096
    server model 127.0.0.1:{upstream_port} pool-max-conn -1
"""
