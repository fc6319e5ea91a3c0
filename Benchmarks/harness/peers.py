"""The servers that are measured: how each is started, and how its clients reach it."""

import getpass
import grp
import os
import pathlib
import re
import shutil
import socket
import subprocess
import time

from .process import Failure, Process, cpu_seconds, family, resident_bytes


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

    def stop(self):
        if self.process:
            self.process.stop()


class Peer:
    """Something that can be started. `name` is what the table shows; `missing` says why it can't be measured, or None."""

    name = ""
    missing = None

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


class Floor(Peer):
    name = "C floor"

    def __init__(self, binary):
        self._binary = binary

    def start(self, directory, upstream_port, connections):
        process = Process([self._binary, "--port", "0"], directory)
        port = process.logged(lambda log: re.match(r"(\d+)\n", log))
        return Server(int(port[1]), process)


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
        return {"unrecorded": max(cut, 1)} if cut or not tapes else {}


class Nginx(Peer):
    name = "nginx"

    def __init__(self):
        self._binary = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
        if self._binary is None:
            self.missing = "nginx is not installed"

    def start(self, directory, upstream_port, connections):
        for attempt in range(3):
            port = free_port()
            (directory / "nginx.conf").write_text(self._configuration(port, upstream_port, connections))
            process = Process(
                [self._binary, "-p", directory, "-c", directory / "nginx.conf", "-e", directory / "nginx.log"], directory
            )
            try:
                return self._wait(process, port)
            except Failure:
                # Somebody else may have taken the port between its choice and nginx's start.
                process.stop()
                if attempt == 2:
                    raise
        raise Failure("no free port")

    def _wait(self, process, port):
        deadline = time.monotonic() + 10
        while process.alive and time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return Server(port, process)
            except OSError:
                time.sleep(0.002)
        raise Failure(f"did not start: {process.last_words()}")

    def _configuration(self, port, upstream_port, connections):
        # Run by root, the worker would become "nobody" and could not use the directory.
        user = f"user {getpass.getuser()} {grp.getgrgid(os.getgid()).gr_name};" if os.getuid() == 0 else ""
        # Two a stream, and a fifth to spare: with fewer than a sixteenth free, nginx closes idle connections that still wait.
        files = max(4096, 2 * connections + connections // 2)
        return f"""
daemon off; worker_processes 1; pid nginx.pid; {user} {self.modules()}
worker_rlimit_nofile {files};
events {{ worker_connections {files}; }}
http {{
    access_log off; tcp_nodelay on; keepalive_requests 100000000; keepalive_timeout 600s; proxy_read_timeout 600s;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
    {self.settings()}
    upstream model {{ server 127.0.0.1:{upstream_port}; keepalive {max(512, connections)};
        keepalive_requests 100000000; keepalive_timeout 600s; }}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        {self.locations()}
    }}
}}
"""

    def modules(self):
        return ""

    def settings(self):
        return ""

    def locations(self):
        return """location / {
            proxy_pass http://model; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;
        }"""

    def version(self):
        return first_line([self._binary, "-v"]).replace("nginx version: ", "")


class Nchan(Nginx):
    name = "nchan"

    def __init__(self):
        super().__init__()
        self._module = None
        if self.missing is None:
            self._module = find_nginx_module(self._binary, "ngx_nchan_module.so")
            if self._module is None:
                self.missing = "nginx's module nchan is not installed"

    def modules(self):
        return f"load_module {self._module};"

    def settings(self):
        return "nchan_shared_memory_size 256m;"

    def locations(self):
        return """location ~ ^/sub/(\\w+)$ {
            nchan_subscriber websocket eventsource; nchan_channel_id $1; nchan_subscriber_first_message newest;
        }
        location ~ ^/pub/(\\w+)$ {
            nchan_publisher; nchan_channel_id $1; nchan_message_buffer_length 10000; nchan_message_timeout 5m;
        }"""

    def subscription(self, transport):
        return ["--subscribe", "/sub/bench", "--publish", "/pub/bench", "--transport", transport]

    def version(self):
        package = first_line(["dpkg-query", "-W", "-f", "${Version}", "libnginx-mod-nchan"])
        return f"nchan {package}" if package else "nchan"


def find_nginx_module(binary, name):
    configured = re.search(r"--modules-path=(\S+)", subprocess.run([binary, "-V"], capture_output=True, text=True).stderr)
    places = [configured[1]] if configured else []
    for place in places + ["/usr/lib/nginx/modules", "/usr/lib64/nginx/modules", "/usr/local/nginx/modules"]:
        path = pathlib.Path(place) / name
        if path.exists():
            return path
    return None


def is_whole(tape):
    """Whether a tape has its end, and that is the stream's own."""
    with tape.open("rb") as file:
        file.seek(0, os.SEEK_END)
        # The end line holds the whole text once more.
        file.seek(max(0, file.tell() - (1 << 20)))
        end = file.read().rstrip(b"\n").rpartition(b"\n")[2]
    return end.startswith(b'["e",') and b'"reason":"recorder_overflow"' not in end


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def first_line(arguments):
    try:
        done = subprocess.run([str(argument) for argument in arguments], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = (done.stdout + done.stderr).strip().splitlines()
    return lines[0] if done.returncode == 0 and lines else ""
